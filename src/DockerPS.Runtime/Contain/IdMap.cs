using System.Globalization;
using System.Text;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Contain;

/// <summary>A map of user or group ids: ranges of a user namespace with what they are outside (user_namespaces(7)).</summary>
internal sealed class IdMap
{
    private const int MostRanges = 340;
    private readonly List<RuntimeIdMapping> _ranges;

    /// <param name="property">Its place in config.json, for errors.</param>
    /// <param name="ranges">At least one.</param>
    public IdMap(string property, List<RuntimeIdMapping>? ranges)
    {
        if (ranges is not { Count: > 0 })
            throw Setting.Invalid($"{property} is missing: a user namespace needs a range of ids, such as containerID 0, hostID 100000, size 65536");
        if (ranges.Count > MostRanges) throw Setting.Invalid($"{property} has more than the {MostRanges} ranges that the kernel takes");
        for (int i = 0; i < ranges.Count; i++)
        {
            RuntimeIdMapping range = ranges[i];
            if (range.Size == 0) throw Setting.Invalid($"{property}[{i}].size is 0");
            if ((ulong)range.ContainerId + range.Size > uint.MaxValue || (ulong)range.HostId + range.Size > uint.MaxValue)
                throw Setting.Invalid($"{property}[{i}] goes beyond the greatest id");
            for (int j = 0; j < i; j++)
            {
                if (Overlap(range.ContainerId, ranges[j].ContainerId, range.Size, ranges[j].Size)
                    || Overlap(range.HostId, ranges[j].HostId, range.Size, ranges[j].Size))
                    throw Setting.Invalid($"{property}[{i}] overlaps {property}[{j}]");
            }
        }

        Property = property;
        _ranges = ranges;
    }

    public string Property { get; }

    public IReadOnlyList<RuntimeIdMapping> Ranges => _ranges;

    /// <summary>0 when it is mapped, else the first mapped id: who sets the container up.</summary>
    public uint Root => ToHost(0) is not null ? 0 : _ranges[0].ContainerId;

    /// <summary>The id outside of an id inside; null when it is not mapped.</summary>
    public uint? ToHost(uint id)
    {
        foreach (RuntimeIdMapping range in _ranges)
        {
            if (id >= range.ContainerId && id - range.ContainerId < range.Size) return range.HostId + (id - range.ContainerId);
        }

        return null;
    }

    /// <summary>The text of /proc/PID/uid_map.</summary>
    public byte[] Text()
    {
        var text = new StringBuilder();
        foreach (RuntimeIdMapping range in _ranges)
            text.Append(CultureInfo.InvariantCulture, $"{range.ContainerId} {range.HostId} {range.Size}\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static bool Overlap(uint a, uint b, uint sizeA, uint sizeB) => a < (ulong)b + sizeB && b < (ulong)a + sizeA;
}
