using System.Globalization;

namespace DockerPS.Engine.Containers.UserNamespaces;

/// <summary>
/// The ids of this machine that are meant for containers: /etc/subuid and /etc/subgid (subuid(5)). Each range is given as a mapping from 0.
/// </summary>
internal sealed record SubordinateIds
{
    /// <summary>Names under which administrators set ranges aside for containers of root; Podman's comes first.</summary>
    private static readonly string[] Owners = ["containers", "dockremap"];

    /// <summary>Ranges set aside for containers, as users and as groups alike; empty when nobody did.</summary>
    public required IReadOnlyList<ContainerIdMapping> ForContainers { get; init; }

    /// <summary>Ranges that belong to other users.</summary>
    public required IReadOnlyList<ContainerIdMapping> OfOthers { get; init; }

    public static SubordinateIds Read() => From(Lines("/etc/subuid"), Lines("/etc/subgid"));

    /// <param name="users">Lines of /etc/subuid: <c>name:first:count</c>.</param>
    /// <param name="groups">Lines of /etc/subgid.</param>
    public static SubordinateIds From(IEnumerable<string> users, IEnumerable<string> groups)
    {
        List<(string Owner, ContainerIdMapping Range)> uids = Ranges(users), gids = Ranges(groups);
        foreach (string owner in Owners)
        {
            List<ContainerIdMapping> both =
            [
                .. from uid in uids
                   where uid.Owner == owner
                   from gid in gids
                   where gid.Owner == owner && uid.Range.SharesHostIds(gid.Range)
                   select Common(uid.Range, gid.Range),
            ];
            if (both.Count == 0) continue;
            return new SubordinateIds { ForContainers = both, OfOthers = Others(owner) };
        }

        return new SubordinateIds { ForContainers = [], OfOthers = Others(null) };

        List<ContainerIdMapping> Others(string? mine) =>
            [.. uids.Concat(gids).Where(r => r.Owner != mine).Select(r => r.Range)];
    }

    private static ContainerIdMapping Common(ContainerIdMapping a, ContainerIdMapping b)
    {
        uint first = Math.Max(a.HostId, b.HostId);
        return new ContainerIdMapping(0, first, Math.Min(a.HostId + a.Size, b.HostId + b.Size) - first);
    }

    private static List<(string Owner, ContainerIdMapping Range)> Ranges(IEnumerable<string> lines)
    {
        var ranges = new List<(string, ContainerIdMapping)>();
        foreach (string line in lines)
        {
            string[] fields = line.Trim().Split(':');
            if (fields.Length == 3 && !fields[0].StartsWith('#') && uint.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint first)
                && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint count)
                && count > 0 && (ulong)first + count <= uint.MaxValue)
                ranges.Add((fields[0], new ContainerIdMapping(0, first, count)));
        }

        return ranges;
    }

    private static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];
}
