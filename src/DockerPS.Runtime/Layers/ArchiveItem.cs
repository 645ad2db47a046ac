using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Layers;

/// <summary>One entry to be written, with all that is known of it before its content is read.</summary>
internal sealed class ArchiveItem
{
    /// <summary>Cleaned, without slash at either end.</summary>
    public required byte[] Name { get; init; }

    /// <summary>Path of the source on the host with NUL at the end; null for what is made up.</summary>
    public byte[]? Source { get; init; }

    public byte[]? Content { get; init; }
    public byte[]? LinkTarget { get; set; }
    public uint Type { get; init; }
    public uint Mode { get; init; }
    public uint Uid { get; init; }
    public uint Gid { get; init; }
    public long Size { get; init; }
    public long ModifiedSeconds { get; init; }
    public uint ModifiedNanoseconds { get; init; }
    public uint DeviceMajor { get; init; }
    public uint DeviceMinor { get; init; }

    /// <summary>Which file it is on the host: two names of one file become a hard link.</summary>
    public (uint Major, uint Minor, ulong Inode) Identity { get; init; }

    /// <summary>A source with what the request says instead of the source's own. The mode of a request is that of its top only.</summary>
    public static ArchiveItem Of(byte[] name, byte[] source, in LibC.statx_result status, ArchiveEntry entry, bool top) => new()
    {
        Name = name,
        Source = source,
        Type = status.Mode & LibC.S_IFMT,
        Mode = top && entry.Mode is { } mode ? (uint)mode & 0xFFF : status.Mode & 0xFFFu,
        Uid = Owner(entry.Uid) ?? status.User,
        Gid = Owner(entry.Gid) ?? status.Group,
        Size = (long)status.Size,
        ModifiedSeconds = entry.ModifiedAt ?? status.Modified.Seconds,
        ModifiedNanoseconds = entry.ModifiedAt is null ? status.Modified.Nanoseconds : 0,
        DeviceMajor = status.DeviceMajorOfNode,
        DeviceMinor = status.DeviceMinorOfNode,
        Identity = (status.DeviceMajor, status.DeviceMinor, status.Inode),
    };

    /// <summary>An entry without a source.</summary>
    public static ArchiveItem MadeUp(byte[] name, ArchiveEntry entry)
    {
        uint type = entry.Content is not null ? LibC.S_IFREG : entry.LinkTarget is not null ? LibC.S_IFLNK : LibC.S_IFDIR;
        return new ArchiveItem
        {
            Name = name,
            Content = entry.Content,
            LinkTarget = entry.LinkTarget is { } target ? System.Text.Encoding.UTF8.GetBytes(target) : null,
            Type = type,
            Mode = entry.Mode is { } mode ? (uint)mode & 0xFFF : type == LibC.S_IFREG ? 0x1A4u : 0x1EDu,
            Uid = Owner(entry.Uid) ?? 0,
            Gid = Owner(entry.Gid) ?? 0,
            Size = entry.Content?.Length ?? 0,
            ModifiedSeconds = entry.ModifiedAt ?? 0,
        };
    }

    private static uint? Owner(long? number) => number switch
    {
        null => null,
        >= 0 and < uint.MaxValue => (uint)number,
        _ => throw LayerException.Of(RuntimeStages.Config, $"{number} is no number of a user or group."),
    };
}
