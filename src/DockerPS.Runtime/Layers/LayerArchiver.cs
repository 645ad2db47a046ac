using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>Writes a plan's items as an archive: the same files give the same bytes.</summary>
internal sealed unsafe class LayerArchiver(ArchiveOutput output, Action turn)
{
    private readonly TarHeaderWriter _headers = new();
    private readonly Dictionary<((uint, uint, ulong), uint, uint, uint, long), byte[]> _links = [];

    /// <summary>Bytes of regular files.</summary>
    public long Size { get; private set; }

    public long NewestModification { get; private set; }

    public void Write(ArchiveItem item)
    {
        turn();
        NewestModification = Math.Max(NewestModification, item.ModifiedSeconds);
        var fields = new TarHeaderFields
        {
            Name = item.Type == LibC.S_IFDIR ? [.. item.Name, (byte)'/'] : item.Name,
            Mode = item.Type == LibC.S_IFLNK ? 0x1FF : item.Mode,
            Uid = item.Uid,
            Gid = item.Gid,
            ModifiedSeconds = item.ModifiedSeconds,
            ModifiedNanoseconds = item.ModifiedNanoseconds,
        };
        switch (item.Type)
        {
            case LibC.S_IFREG when EarlierName(item) is { } earlier:
                fields.TypeFlag = (byte)'1';
                fields.LinkTarget = earlier;
                break;
            case LibC.S_IFREG: WriteFile(item, fields); return;
            case LibC.S_IFLNK:
                fields.TypeFlag = (byte)'2';
                fields.LinkTarget = item.LinkTarget;
                break;
            case LibC.S_IFDIR: fields.TypeFlag = (byte)'5'; break;
            case LibC.S_IFIFO: fields.TypeFlag = (byte)'6'; break;
            default:
                fields.TypeFlag = item.Type == LibC.S_IFCHR ? (byte)'3' : (byte)'4';
                (fields.DeviceMajor, fields.DeviceMinor) = (item.DeviceMajor, item.DeviceMinor);
                break;
        }
        if (fields.TypeFlag == '5' && item.Source is not null) fields.Xattrs = XattrsOf(item.Source);
        output.Write(_headers.Write(fields));
    }

    /// <summary>The name under which the same file stands in the archive already, with the same owner, mode and time.</summary>
    private byte[]? EarlierName(ArchiveItem item)
    {
        if (item.Source is null) return null;
        var key = (item.Identity, item.Mode, item.Uid, item.Gid, item.ModifiedSeconds);
        return _links.TryAdd(key, item.Name) ? null : _links[key];
    }

    private void WriteFile(ArchiveItem item, TarHeaderFields fields)
    {
        fields.TypeFlag = (byte)'0';
        fields.Size = item.Size;
        Size += item.Size;
        if (item.Source is null)
        {
            output.Write(_headers.Write(fields));
            output.Write(item.Content);
            output.Pad();
            return;
        }
        int file;
        // Not blocking: a fifo may have taken the file's place.
        fixed (byte* path = item.Source)
            file = LibC.openat(LibC.AT_FDCWD, path, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0);
        if (file < 0) throw ArchivePlan.Unreadable("open", item.Source);
        try
        {
            LibC.statx_result status;
            byte nothing = 0;
            if (LibC.statx(file, &nothing, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &status) < 0)
                throw ArchivePlan.Unreadable("statx", item.Source);
            if ((status.DeviceMajor, status.DeviceMinor, status.Inode) != item.Identity || (long)status.Size != item.Size) throw Changed(item);
            fields.Xattrs = ArchiveXattrs.Of(file);
            output.Write(_headers.Write(fields));
            Copy(file, item);
        }
        finally
        {
            _ = LibC.close(file);
        }
        output.Pad();
    }

    private void Copy(int file, ArchiveItem item)
    {
        for (long left = item.Size; left > 0;)
        {
            turn();
            Span<byte> room = output.Room;
            if (room.Length > left) room = room[..(int)left];
            int read = LibC.Read(file, room);
            if (read == 0) throw Changed(item);
            output.Commit(read);
            left -= read;
        }
    }

    private static IReadOnlyList<(byte[], byte[])>? XattrsOf(byte[] directory)
    {
        int file;
        fixed (byte* path = directory) file = LibC.openat(LibC.AT_FDCWD, path, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        if (file < 0) throw ArchivePlan.Unreadable("open", directory);
        try
        {
            return ArchiveXattrs.Of(file);
        }
        finally
        {
            _ = LibC.close(file);
        }
    }

    private static LayerException Changed(ArchiveItem item) => LayerException.Of(RuntimeStages.Archive,
        $"'{TarEntry.Show(item.Source.AsSpan().TrimEnd((byte)0))}' was changed while it was put into the archive.");
}
