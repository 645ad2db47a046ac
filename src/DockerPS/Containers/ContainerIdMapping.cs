using System.Globalization;

namespace DockerPS;

/// <summary>A range of user or group ids of a container and what they are on the host.</summary>
/// <param name="ContainerId">First id in the container.</param>
/// <param name="HostId">First id on the host.</param>
/// <param name="Size">How many.</param>
public sealed record ContainerIdMapping(uint ContainerId, uint HostId, uint Size)
{
    /// <summary>Parses <c>HOST:SIZE</c>, for ids from 0 on, or <c>CONTAINER:HOST:SIZE</c>.</summary>
    /// <exception cref="FormatException">The text is no range.</exception>
    public static ContainerIdMapping Parse(string text)
    {
        string[] parts = (text ?? "").Split(':');
        uint container = 0;
        if (parts.Length is not (2 or 3) || (parts.Length == 3 && !TryNumber(parts[0], out container))
            || !TryNumber(parts[^2], out uint host) || !TryNumber(parts[^1], out uint size) || size == 0
            || (ulong)container + size > uint.MaxValue || (ulong)host + size > uint.MaxValue)
        {
            throw new FormatException(
                $"'{text}' is no range of ids. Write HOST:SIZE, such as 100000:65536, or CONTAINER:HOST:SIZE, such as 0:100000:65536.");
        }

        return new ContainerIdMapping(container, host, size);
    }

    /// <summary>Both have a host id in common.</summary>
    public bool SharesHostIds(ContainerIdMapping other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return HostId < (ulong)other.HostId + other.Size && other.HostId < (ulong)HostId + Size;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ContainerId}:{HostId}:{Size}");

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
