using DockerPS.Linux;
using DockerPS.Oci.Layers;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Trees;

/// <summary>
/// Writes what a tree shows as an archive. The tree may be changed meanwhile: what has gone is left out, and a file has the length that
/// it had when it was opened, filled with zeros where it was cut since.
/// </summary>
internal sealed class TreeArchiver(LayeredTree tree, ArchiveOutput output, Action turn)
{
    private readonly TarHeaderWriter _headers = new();
    private readonly Dictionary<(int Layer, uint Major, uint Minor, ulong Inode), byte[]> _links = [];

    /// <summary>Bytes of regular files.</summary>
    public long Size { get; private set; }

    public long NewestModification { get; private set; }

    public void Write(TreeNode node)
    {
        turn();
        if (node.Type is LibC.S_IFSOCK) return;
        if (node.Type is LibC.S_IFREG or LibC.S_IFDIR)
        {
            WriteOpened(node);
            return;
        }

        TarHeaderFields fields = Fields(node.Path, node.Status);
        switch (node.Type)
        {
            case LibC.S_IFLNK:
                if (tree.ReadLink(node) is not { } target) return;
                (fields.TypeFlag, fields.Mode) = ((byte)'2', 0x1FF);
                fields.LinkTarget = target;
                break;
            case LibC.S_IFIFO: fields.TypeFlag = (byte)'6'; break;
            default:
                fields.TypeFlag = node.Type == LibC.S_IFCHR ? (byte)'3' : (byte)'4';
                (fields.DeviceMajor, fields.DeviceMinor) = (node.Status.DeviceMajorOfNode, node.Status.DeviceMinorOfNode);
                break;
        }

        if (node.Status.Links > 1 && LinkToEarlier(node, ref fields)) fields.DeviceMajor = fields.DeviceMinor = 0;
        output.Write(_headers.Write(fields));
    }

    /// <summary>Says that the layers below have nothing at a path.</summary>
    public void WriteWhiteout(byte[] path)
    {
        int name = path.AsSpan().LastIndexOf((byte)'/') + 1;
        WriteMark([.. path.AsSpan(0, name), .. Whiteout.Prefix, .. path.AsSpan(name)]);
    }

    /// <summary>Says that nothing shows in a directory that the layers below have there.</summary>
    public void WriteOpaque(byte[] directory) => WriteMark([.. directory, (byte)'/', .. Whiteout.OpaqueName]);

    private void WriteMark(byte[] path) => output.Write(_headers.Write(new TarHeaderFields { TypeFlag = (byte)'0', Name = path }));

    private void WriteOpened(TreeNode node)
    {
        int file = tree.Open(node, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_NOFOLLOW);
        if (file < 0) return;
        try
        {
            if (!LayeredTree.TryStat(file, out LibC.statx_result status) || (status.Mode & LibC.S_IFMT) != node.Type) return;
            bool directory = node.IsDirectory;
            TarHeaderFields fields = Fields(directory ? [.. node.Path.Length > 0 ? node.Path : "."u8, (byte)'/'] : node.Path, status);
            fields.TypeFlag = directory ? (byte)'5' : (byte)'0';
            if (!directory && status.Links > 1 && LinkToEarlier(node, ref fields))
            {
                output.Write(_headers.Write(fields));
                return;
            }

            fields.Xattrs = ArchiveXattrs.Of(file, tree.AsItStands);
            fields.Size = directory ? 0 : (long)status.Size;
            output.Write(_headers.Write(fields));
            if (!directory) Copy(file, fields.Size);
        }
        finally
        {
            _ = LibC.close(file);
        }
    }

    private bool LinkToEarlier(TreeNode node, ref TarHeaderFields fields)
    {
        var file = (node.Layer, node.Status.DeviceMajor, node.Status.DeviceMinor, node.Status.Inode);
        if (_links.TryAdd(file, node.Path)) return false;
        fields.TypeFlag = (byte)'1';
        fields.LinkTarget = _links[file];
        return true;
    }

    private void Copy(int file, long size)
    {
        Size += size;
        bool ended = false;
        for (long left = size; left > 0;)
        {
            turn();
            Span<byte> room = output.Room;
            if (room.Length > left) room = room[..(int)left];
            int read = ended ? 0 : LibC.Read(file, room);
            if (read == 0)
            {
                ended = true;
                room.Clear();
                read = room.Length;
            }

            output.Commit(read);
            left -= read;
        }

        output.Pad();
    }

    private TarHeaderFields Fields(byte[] name, in LibC.statx_result status)
    {
        NewestModification = Math.Max(NewestModification, status.Modified.Seconds);
        return new TarHeaderFields
        {
            Name = name,
            Mode = status.Mode & 0xFFFu,
            Uid = status.User,
            Gid = status.Group,
            ModifiedSeconds = status.Modified.Seconds,
            ModifiedNanoseconds = status.Modified.Nanoseconds,
        };
    }
}
