using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Trees;

/// <summary>Content and facts of files.</summary>
internal sealed unsafe partial class TreeCopier
{
    private const long Chunk = 8 << 20;
    private const long TmpfsMagic = 0x01021994, SysfsMagic = 0x62656572, MqueueMagic = 0x19800202;
    private byte[]? _buffer;
    private bool _cloneRefused, _rangeRefused;

    private void CopyFile(Level level, byte[] name, byte[] newName, byte[] path, in LibC.statx_result facts)
    {
        int from, to = -1;
        fixed (byte* pointer = NativePath.Terminate(name)) from = LibC.openat(level.From, pointer, LibC.O_RDONLY | LibC.O_NOFOLLOW | NodeFlags, 0);
        if (from < 0)
        {
            if (!level.Asked && Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ELOOP) return;
            throw Failed("open", path);
        }

        try
        {
            LibC.statx_result now = Stat(from, ""u8, LibC.AT_EMPTY_PATH);
            if ((now.Mode & LibC.S_IFMT) != LibC.S_IFREG) return;
            to = MakeFile(level.To, newName, path, Identity(now));
            CopyContent(from, to, (long)now.Size, path);
            Finish(from, to, now, path);
        }
        finally
        {
            LibC.Close(ref from);
            LibC.Close(ref to);
        }
    }

    private int MakeFile(int directory, byte[] name, byte[] path, (uint, uint, ulong) source)
    {
        const int Create = LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL | LibC.O_CLOEXEC;
        fixed (byte* pointer = NativePath.Terminate(name))
        {
            int file = LibC.openat(directory, pointer, Create, 0x180 /* 0600 */);
            if (file >= 0) return file;
            if (!Merges || Marshal.GetLastPInvokeError() != Errno.EEXIST) throw Failed("open", path);
            if (TryStat(directory, name) is { } there && Identity(there) == source) throw IsSame(path);
            if (LibC.unlinkat(directory, pointer, 0) < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                // A file that something is mounted on, as a container's /etc/hosts, is written to as it is.
                if (errno == Errno.EBUSY && !DirectoryListing.IsDirectory(directory, name)) return OpenInPlace(directory, pointer, path);
                if (errno is Errno.EISDIR or Errno.EPERM or Errno.EBUSY && DirectoryListing.IsDirectory(directory, name)) throw IsDirectory(path);
                if (errno != Errno.ENOENT) throw new LinuxException($"unlink({Oci.Layers.TarEntry.Show(path)})", errno);
            }

            file = LibC.openat(directory, pointer, Create, 0x180);
            return file >= 0 ? file : throw Failed("open", path);
        }
    }

    private static int OpenInPlace(int directory, byte* name, byte[] path)
    {
        int file = LibC.openat(directory, name, LibC.O_WRONLY | LibC.O_NOFOLLOW | NodeFlags, 0);
        if (file < 0) throw Failed("open", path);
        LibC.statx_result facts = Stat(file, ""u8, LibC.AT_EMPTY_PATH);
        if ((facts.Mode & LibC.S_IFMT) == LibC.S_IFREG && LibC.ftruncate(file, 0) == 0) return file;
        LibC.Close(ref file);
        throw new LinuxException($"open({Oci.Layers.TarEntry.Show(path)})", Errno.EBUSY);
    }

    private void CopyContent(int from, int to, long size, byte[] path)
    {
        if (!_cloneRefused && size > 0)
        {
            if (LibC.TryClone(from, to) == 0)
            {
                Size += size;
                return;
            }

            _cloneRefused = true;
        }

        if (size > 0) Shared = false;
        long end = 0;
        bool cut = false;
        while (!cut)
        {
            long data = LibC.lseek(from, end, LibC.SEEK_DATA);
            if (data < 0 && Marshal.GetLastPInvokeError() == Errno.ENXIO) break;
            // Where a file system knows no holes all is data, and of procfs' files not even the length is known.
            bool unknown = data < 0;
            if (unknown) data = end;
            long hole = unknown ? -1 : LibC.lseek(from, data, LibC.SEEK_HOLE);
            if (hole <= data) hole = long.MaxValue;
            long copied = CopyRange(from, to, data, hole - data, path, throughBuffer: unknown);
            end = data + copied;
            cut = copied < hole - data;
        }

        if (!cut && end < size && LibC.ftruncate(to, size) < 0) throw Failed("ftruncate", path);
        Size += Math.Max(end, size);
    }

    private long CopyRange(int from, int to, long offset, long length, byte[] path, bool throughBuffer)
    {
        long done = 0;
        while (done < length)
        {
            Turn();
            nint copied = -Errno.EXDEV;
            if (!_rangeRefused && !throughBuffer) copied = LibC.TryCopyRange(from, to, offset + done, Math.Min(Chunk, length - done));
            if (copied is -Errno.EXDEV or -Errno.EINVAL or -Errno.ENOSYS or -Errno.EOPNOTSUPP or -Errno.EBADF or -Errno.EPERM)
            {
                _rangeRefused |= !throughBuffer;
                copied = CopyThroughBuffer(from, to, offset + done, length - done, path);
            }

            if (copied == -Errno.EINTR) continue;
            if (copied < 0) throw new LinuxException($"write({Oci.Layers.TarEntry.Show(path)})", (int)-copied);
            if (copied == 0) break;
            done += copied;
        }

        return done;
    }

    private nint CopyThroughBuffer(int from, int to, long offset, long length, byte[] path)
    {
        _buffer ??= GC.AllocateUninitializedArray<byte>(1 << 20, pinned: true);
        nint read = LibC.TryReadAt(from, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, length)), offset);
        if (read == -Errno.EINTR) return read;
        if (read < 0) throw new LinuxException($"read({Oci.Layers.TarEntry.Show(path)})", (int)-read);
        if (read > 0)
        {
            try
            {
                LibC.WriteAllAt(to, _buffer.AsSpan(0, (int)read), offset);
            }
            catch (LinuxException e)
            {
                throw new LinuxException($"write({Oci.Layers.TarEntry.Show(path)})", e.Number);
            }
        }

        return read;
    }

    /// <summary>In this order: chown clears setuid bits and capabilities, and all of them change what the times are set after.</summary>
    private void Finish(int from, int to, in LibC.statx_result facts, ReadOnlySpan<byte> path)
    {
        (uint uid, uint gid) = Owners?.Invoke(facts.User, facts.Group) ?? (facts.User, facts.Group);
        if (LibC.fchown(to, uid, gid) < 0) throw Failed("chown", path);
        uint mode = facts.Mode & ModeBits;
        if ((facts.Mode & LibC.S_IFMT) != LibC.S_IFDIR && IsOwnerKept?.Invoke(facts.User, facts.Group) == false) mode &= ~(LibC.S_ISUID | LibC.S_ISGID);
        if (LibC.fchmod(to, mode) < 0) throw Failed("chmod", path);
        CopyXattrs(from, to, path);
        LibC.timespec* times = stackalloc LibC.timespec[2];
        TakeTimes(facts, times);
        if (LibC.futimens(to, times) < 0) throw Failed("utimens", path);
    }

    private void FinishName(int directory, byte[] name, byte[] path, in LibC.statx_result facts)
    {
        (uint uid, uint gid) = Owners?.Invoke(facts.User, facts.Group) ?? (facts.User, facts.Group);
        LibC.timespec* times = stackalloc LibC.timespec[2];
        TakeTimes(facts, times);
        fixed (byte* pointer = NativePath.Terminate(name))
        {
            if (LibC.fchownat(directory, pointer, uid, gid, LibC.AT_SYMLINK_NOFOLLOW) < 0) throw Failed("chown", path);
            // fchmodat follows links; a node that somebody made a link of meanwhile keeps the mode that mknod gave.
            if (LibC.utimensat(directory, pointer, times, LibC.AT_SYMLINK_NOFOLLOW) < 0) throw Failed("utimens", path);
        }
    }

    private static void TakeTimes(in LibC.statx_result facts, LibC.timespec* times)
    {
        times[0] = new LibC.timespec { Seconds = facts.Accessed.Seconds, Nanoseconds = facts.Accessed.Nanoseconds };
        times[1] = new LibC.timespec { Seconds = facts.Modified.Seconds, Nanoseconds = facts.Modified.Nanoseconds };
    }

    private static LibC.statx_result? TryStat(int directory, byte[] name)
    {
        LibC.statx_result facts;
        fixed (byte* pointer = NativePath.Terminate(name))
            return LibC.statx(directory, pointer, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &facts) == 0 ? facts : null;
    }

    private void CopyXattrs(int from, int to, ReadOnlySpan<byte> path)
    {
        nint length = LibC.flistxattr(from, null, 0);
        if (length <= 0) return;
        byte[] list = new byte[length];
        fixed (byte* buffer = list) length = LibC.flistxattr(from, buffer, (nuint)list.Length);
        if (length <= 0) return;
        byte[] value = new byte[64 << 10];
        for (ReadOnlySpan<byte> rest = list.AsSpan(0, (int)length); !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)0);
            ReadOnlySpan<byte> name = rest[..(end + 1)];
            rest = rest[(end + 1)..];
            // These steer overlay itself, and a label is of the place where a file is.
            if (name.StartsWith("trusted.overlay."u8) || name.StartsWith("security.selinux"u8)) continue;
            fixed (byte* key = name, content = value)
            {
                nint size = LibC.fgetxattr(from, key, content, (nuint)value.Length);
                if (size < 0 || LibC.fsetxattr(to, key, content, (nuint)size, 0) == 0) continue;
                int errno = Marshal.GetLastPInvokeError();
                if (errno is Errno.EOPNOTSUPP or Errno.EPERM or Errno.EINVAL && !name.StartsWith("security.capability"u8)) continue;
                throw Failed("setxattr", path);
            }
        }
    }

    private static bool IsKernels(int directory) => LibC.FileSystemType(directory) is LibC.PROC_SUPER_MAGIC or LibC.DEVPTS_SUPER_MAGIC or SysfsMagic
        or LibC.CGROUP_SUPER_MAGIC or LibC.CGROUP2_SUPER_MAGIC or MqueueMagic;
}
