using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Layers;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Trees;

/// <summary>
/// Copies files and trees by directory descriptors, with modes, times, attributes, holes and hard links. Every name is opened in its own
/// directory and no symbolic link is ever followed, so that whoever changes source or target meanwhile leads it nowhere else.
/// </summary>
internal sealed unsafe partial class TreeCopier
{
    private const uint ModeBits = 0xFFF;
    private const int NodeFlags = LibC.O_CLOEXEC | LibC.O_NONBLOCK;
    private static readonly int s_directoryFlags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;

    /// <summary>As deep as descriptors reach; beyond, a tree is somebody's trap.</summary>
    private const int Deepest = 2000;

    private readonly Stack<Level> _levels = new();
    private readonly Dictionary<(uint, uint, ulong), byte[]> _links = [];
    private int _targetRoot = -1;
    private (uint, uint, ulong) _target;

    /// <summary>Owners on the target of those on the source; null keeps them.</summary>
    public Func<uint, uint, (uint Uid, uint Gid)>? Owners { get; init; }

    /// <summary>Whether a file's owner is the same on the target: where it is not, the right to act as the owner (set-id bits) goes. Null is always.</summary>
    public Func<uint, uint, bool>? IsOwnerKept { get; init; }

    /// <summary>What stands in the target may be replaced, and directories joined.</summary>
    public bool Merges { get; init; }

    /// <summary>Kernel file systems (proc, sysfs, cgroups) and devices of a container's own /dev are left out.</summary>
    public bool SkipsKernel { get; init; }

    /// <summary>Called now and then; throws to end the work.</summary>
    public required Action Turn { get; init; }

    public long Files { get; private set; }

    /// <summary>Bytes of regular files.</summary>
    public long Size { get; private set; }

    /// <summary>All content that was copied shares its blocks with the source.</summary>
    public bool Shared { get; private set; } = true;

    private sealed class Level
    {
        public required int From, To;
        public required byte[] Path;
        public required Queue<byte[]> Names;
        public LibC.statx_result Facts;

        /// <summary>Its descriptors are the caller's.</summary>
        public bool Top;

        /// <summary>Its one name was asked for: what keeps it from being copied is an error, not a change of this moment.</summary>
        public bool Asked;
    }

    /// <summary>Copies what is in a directory. Both descriptors stay open; the target is that of an open directory, too.</summary>
    public void CopyContents(int from, int to)
    {
        Begin(to, Identity(Stat(from, ""u8, LibC.AT_EMPTY_PATH)), "."u8);
        Run(new Level { From = from, To = to, Path = [], Names = new Queue<byte[]>(DirectoryListing.Names(from)), Top = true });
    }

    /// <summary>Copies one name, of any kind, under a name in another directory.</summary>
    public void Copy(int from, ReadOnlySpan<byte> name, int to, ReadOnlySpan<byte> newName)
    {
        Begin(to, Identity(Stat(from, name, LibC.AT_SYMLINK_NOFOLLOW)), name);
        var level = new Level { From = from, To = to, Path = [], Names = new Queue<byte[]>(), Top = true, Asked = true };
        CopyEntry(level, name.ToArray(), newName.ToArray());
        if (_levels.Count > 0) Run(null);
    }

    /// <summary>Owner, mode, attributes and times of a directory become those of another.</summary>
    public void CopyFacts(int from, int to)
    {
        LibC.statx_result facts = Stat(from, ""u8, LibC.AT_EMPTY_PATH);
        Finish(from, to, facts, "."u8);
    }

    /// <summary>Refuses a source that the target is in: of such a copy there would be no end.</summary>
    private void Begin(int to, (uint, uint, ulong) source, ReadOnlySpan<byte> name)
    {
        _targetRoot = to;
        _target = Identity(Stat(to, ""u8, LibC.AT_EMPTY_PATH));
        (uint, uint, ulong) here = _target, below = default;
        int directory = to;
        try
        {
            for (int depth = 0; here != below && depth <= Deepest; depth++)
            {
                if (here == source) throw IntoItself(name);
                int above;
                fixed (byte* dots = "..\0"u8) above = LibC.openat(directory, dots, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
                if (above < 0) return;
                if (directory != to) _ = LibC.close(directory);
                directory = above;
                (below, here) = (here, Identity(Stat(above, ""u8, LibC.AT_EMPTY_PATH)));
            }
        }
        finally
        {
            if (directory != to) _ = LibC.close(directory);
        }
    }

    private static (uint, uint, ulong) Identity(in LibC.statx_result facts) => (facts.DeviceMajor, facts.DeviceMinor, facts.Inode);

    private static LayerException IntoItself(ReadOnlySpan<byte> path) => LayerException.Of(
        Oci.Bundle.RuntimeStages.Path, $"'{TarEntry.Show(path)}' cannot be copied into itself. Choose a target that is not in it.");

    private void Run(Level? first)
    {
        if (first is not null) _levels.Push(first);
        try
        {
            while (_levels.TryPeek(out Level? level))
            {
                Turn();
                if (level.Names.TryDequeue(out byte[]? name))
                {
                    CopyEntry(level, name, name);
                    continue;
                }

                _levels.Pop();
                if (level.Top) continue;
                Finish(level.From, level.To, level.Facts, level.Path);
                _ = LibC.close(level.From);
                _ = LibC.close(level.To);
            }
        }
        finally
        {
            foreach (Level level in _levels)
            {
                if (level.Top) continue;
                _ = LibC.close(level.From);
                _ = LibC.close(level.To);
            }

            _levels.Clear();
        }
    }

    private void CopyEntry(Level level, byte[] name, byte[] newName)
    {
        LibC.statx_result facts;
        byte[] path = level.Path.Length == 0 ? newName : [.. level.Path, (byte)'/', .. newName];
        fixed (byte* pointer = NativePath.Terminate(name))
        {
            if (LibC.statx(level.From, pointer, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &facts) < 0)
            {
                // Somebody removed it after it was listed.
                if (Marshal.GetLastPInvokeError() == Errno.ENOENT && !level.Asked) return;
                throw Failed("statx", path);
            }
        }

        uint type = facts.Mode & LibC.S_IFMT;
        if (type == LibC.S_IFSOCK)
        {
            if (level.Asked) throw LayerException.Of(Oci.Bundle.RuntimeStages.Path, $"'{TarEntry.Show(path)}' is a socket, which is nothing without its process. Copy something else.");
            return;
        }

        if (type != LibC.S_IFDIR && facts.Links > 1 && TryLink(level, newName, path, facts)) return;
        switch (type)
        {
            case LibC.S_IFDIR: Enter(level, name, newName, path, facts); break;
            case LibC.S_IFREG: CopyFile(level, name, newName, path, facts); break;
            case LibC.S_IFLNK: CopyLink(level, name, newName, path, facts); break;
            default: CopyNode(level, newName, path, facts); break;
        }

        if (type != LibC.S_IFDIR && facts.Links > 1) _links[(facts.DeviceMajor, facts.DeviceMinor, facts.Inode)] = path;
        Files++;
    }

    private void Enter(Level level, byte[] name, byte[] newName, byte[] path, in LibC.statx_result facts)
    {
        if (_levels.Count > Deepest) throw LayerException.Of(Oci.Bundle.RuntimeStages.Path, $"'{TarEntry.Show(path)}' is more than {Deepest} directories deep.");
        int from, to = -1;
        fixed (byte* pointer = NativePath.Terminate(name)) from = LibC.openat(level.From, pointer, s_directoryFlags, 0);
        if (from < 0)
        {
            if (!level.Asked && Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP) return;
            throw Failed("open", path);
        }

        try
        {
            if (Identity(facts) == _target) throw IntoItself(path);
            if (SkipsKernel && IsKernels(from))
            {
                if (level.Asked) throw LayerException.Of(Oci.Bundle.RuntimeStages.Path, $"'{TarEntry.Show(path)}' is the kernel's. Copy single files of it.");
                return;
            }

            to = MakeDirectory(level.To, newName, path);
            if (Identity(Stat(to, ""u8, LibC.AT_EMPTY_PATH)) == Identity(facts)) throw IsSame(path);
            _levels.Push(new Level { From = from, To = to, Path = path, Names = new Queue<byte[]>(DirectoryListing.Names(from)), Facts = facts });
            from = to = -1;
        }
        finally
        {
            LibC.Close(ref from);
            LibC.Close(ref to);
        }
    }

    private int MakeDirectory(int parent, byte[] name, byte[] path)
    {
        fixed (byte* pointer = NativePath.Terminate(name))
        {
            bool made = LibC.mkdirat(parent, pointer, 0x1C0 /* 0700 */) == 0;
            if (!made && (!Merges || Marshal.GetLastPInvokeError() != Errno.EEXIST)) throw Failed("mkdir", path);
            int directory = LibC.openat(parent, pointer, s_directoryFlags, 0);
            if (directory >= 0) return directory;
            if (!made && Marshal.GetLastPInvokeError() is Errno.ENOTDIR or Errno.ELOOP)
                throw LayerException.Of(Oci.Bundle.RuntimeStages.Path, $"'{TarEntry.Show(path)}' is a directory, and a file stands in its place. Remove that first.");
            throw Failed("open", path);
        }
    }

    private void CopyLink(Level level, byte[] name, byte[] newName, byte[] path, in LibC.statx_result facts)
    {
        byte* target = stackalloc byte[4097];
        nint length;
        fixed (byte* pointer = NativePath.Terminate(name)) length = LibC.readlinkat(level.From, pointer, target, 4096);
        if (length < 0) throw Failed("readlink", path);
        target[length] = 0;
        fixed (byte* made = NativePath.Terminate(newName))
        {
            if (LibC.symlinkat(target, level.To, made) < 0)
            {
                MakeRoom(level.To, newName, path, "symlink");
                if (LibC.symlinkat(target, level.To, made) < 0) throw Failed("symlink", path);
            }
        }

        FinishName(level.To, newName, path, facts);
    }

    private void CopyNode(Level level, byte[] newName, byte[] path, in LibC.statx_result facts)
    {
        bool device = (facts.Mode & LibC.S_IFMT) is LibC.S_IFCHR or LibC.S_IFBLK;
        if (device && SkipsKernel && LibC.FileSystemType(level.From) == TmpfsMagic) return;
        ulong number = LibC.MakeDevice(facts.DeviceMajorOfNode, facts.DeviceMinorOfNode);
        fixed (byte* made = NativePath.Terminate(newName))
        {
            if (LibC.mknodat(level.To, made, facts.Mode, number) < 0)
            {
                MakeRoom(level.To, newName, path, "mknod");
                if (LibC.mknodat(level.To, made, facts.Mode, number) < 0) throw Failed("mknod", path);
            }
        }

        FinishName(level.To, newName, path, facts);
    }

    /// <summary>A further name of a file that was copied; false when that cannot be had.</summary>
    private bool TryLink(Level level, byte[] newName, byte[] path, in LibC.statx_result facts)
    {
        if (!_links.TryGetValue((facts.DeviceMajor, facts.DeviceMinor, facts.Inode), out byte[]? first) || first.AsSpan().SequenceEqual(path)) return false;
        int slash = first.AsSpan().LastIndexOf((byte)'/'), parent = -1;
        try
        {
            byte[] above = slash < 0 ? [(byte)'.', 0] : [.. first.AsSpan(0, slash), 0], name = [.. first.AsSpan(slash + 1), 0];
            fixed (byte* pointer = above)
                parent = LibC.OpenInRoot(_targetRoot, pointer, LibC.O_PATH | LibC.O_DIRECTORY, LibC.RESOLVE_NO_SYMLINKS);
            if (parent < 0) return false;
            fixed (byte* old = name, made = NativePath.Terminate(newName))
            {
                if (LibC.linkat(parent, old, level.To, made, 0) == 0) return true;
                if (Marshal.GetLastPInvokeError() != Errno.EEXIST) return false;
                MakeRoom(level.To, newName, path, "link");
                return LibC.linkat(parent, old, level.To, made, 0) == 0;
            }
        }
        finally
        {
            LibC.Close(ref parent);
        }
    }

    /// <summary>Removes what stands at a name after a call failed because of it; directories are not replaced.</summary>
    private void MakeRoom(int directory, byte[] name, byte[] path, string call)
    {
        if (!Merges || Marshal.GetLastPInvokeError() != Errno.EEXIST) throw Failed(call, path);
        fixed (byte* pointer = NativePath.Terminate(name))
        {
            if (LibC.unlinkat(directory, pointer, 0) == 0) return;
            if (Marshal.GetLastPInvokeError() is Errno.EISDIR or Errno.EPERM && DirectoryListing.IsDirectory(directory, name)) throw IsDirectory(path);
        }

        if (Marshal.GetLastPInvokeError() != Errno.ENOENT) throw Failed("unlink", path);
    }

    private static LayerException IsSame(byte[] path) =>
        LayerException.Of(Oci.Bundle.RuntimeStages.Path, $"'{TarEntry.Show(path)}' would be copied onto itself. Choose another target.");

    private static LayerException IsDirectory(byte[] path) => LayerException.Of(
        Oci.Bundle.RuntimeStages.Path, $"'{TarEntry.Show(path)}' is a file, and a directory stands in its place. Remove that first.");

    private static LibC.statx_result Stat(int directory, ReadOnlySpan<byte> name, int flags)
    {
        LibC.statx_result facts;
        fixed (byte* pointer = NativePath.Terminate(name))
            if (LibC.statx(directory, pointer, flags, LibC.STATX_BASIC_STATS, &facts) < 0) throw new LinuxException("statx", Marshal.GetLastPInvokeError());
        return facts;
    }

    private static LinuxException Failed(string call, ReadOnlySpan<byte> path)
    {
        int errno = Marshal.GetLastPInvokeError();
        return new LinuxException($"{call}({TarEntry.Show(path)})", errno);
    }
}
