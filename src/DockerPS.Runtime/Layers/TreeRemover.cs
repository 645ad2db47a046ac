using System.Runtime.InteropServices;
using DockerPS.Linux;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// Removes trees by directory descriptors: names of any bytes, any depth, no symbolic link is ever followed and nothing beyond a
/// mount point is touched.
/// </summary>
internal sealed unsafe class TreeRemover
{
    private const ulong STATX_ATTR_MOUNT_ROOT = 0x2000;
    private const byte DT_UNKNOWN = 0, DT_DIR = 4;

    /// <summary>Directories above the current one that are kept open; those further up are opened again through "..".</summary>
    private const int OpenLevels = 64;

    /// <summary>Times that a directory is read again when others write into it while it is removed.</summary>
    private const int Passes = 100, HastyPasses = 10, PauseMilliseconds = 10;

    private readonly byte[] _entries = GC.AllocateUninitializedArray<byte>(64 << 10, pinned: true);
    private readonly List<Level> _levels = [];
    private uint _deviceMajor, _deviceMinor;

    private sealed class Level
    {
        public int Descriptor;
        public ulong Inode;

        /// <summary>With NUL at the end, as those in <see cref="Directories"/>.</summary>
        public required byte[] Name;
        public readonly List<byte[]> Directories = [];
        public int Passes;
    }

    /// <summary>Removes a file or a tree; what does not exist is removed already.</summary>
    /// <exception cref="LinuxException">Something cannot be removed, or is a mount point (EBUSY). What was removed until then is gone.</exception>
    public static void Remove(ReadOnlySpan<byte> path)
    {
        path = path.Length > 1 ? path.TrimEnd((byte)'/') : path;
        int slash = path.LastIndexOf((byte)'/');
        ReadOnlySpan<byte> parent = slash < 0 ? "."u8 : path[..(slash + 1)];
        int directory;
        fixed (byte* pointer = NativePath.Terminate(parent))
            directory = LibC.openat(LibC.AT_FDCWD, pointer, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        if (directory < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno is Errno.ENOENT) return;
            throw Failed("open", parent, errno);
        }
        try
        {
            RemoveAt(directory, path[(slash + 1)..]);
        }
        finally
        {
            _ = LibC.close(directory);
        }
    }

    /// <summary>As <see cref="Remove"/>, for a name in an open directory.</summary>
    public static void RemoveAt(int directory, ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)) throw new LinuxException("remove-tree", Errno.EINVAL);
        byte[] terminated = NativePath.Terminate(name);
        fixed (byte* pointer = terminated)
            if (LibC.unlinkat(directory, pointer, 0) == 0) return;
        int errno = Marshal.GetLastPInvokeError();
        if (errno == Errno.ENOENT) return;
        // POSIX says EPERM where Linux says EISDIR; some file systems follow POSIX.
        if (errno is not (Errno.EISDIR or Errno.EPERM)) throw Failed("unlink", name, errno);
        new TreeRemover().RemoveDirectory(directory, terminated);
    }

    private void RemoveDirectory(int parent, byte[] name)
    {
        try
        {
            if (!Enter(parent, name)) return;
            while (_levels.Count > 0) Step(parent);
        }
        finally
        {
            foreach (Level level in _levels)
                if (level.Descriptor >= 0) _ = LibC.close(level.Descriptor);
        }
    }

    /// <summary>Goes down into the next directory of the deepest level, or up when it has none left.</summary>
    private void Step(int parent)
    {
        Level level = _levels[^1];
        if (level.Directories.Count > 0)
        {
            byte[] name = level.Directories[^1];
            level.Directories.RemoveAt(level.Directories.Count - 1);
            Enter(level.Descriptor, name);
            return;
        }
        int above = parent;
        if (_levels.Count > 1)
        {
            Level upper = _levels[^2];
            if (upper.Descriptor < 0) Reopen(upper, level.Descriptor);
            above = upper.Descriptor;
        }
        int removed;
        fixed (byte* own = level.Name) removed = LibC.unlinkat(above, own, LibC.AT_REMOVEDIR);
        if (removed < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.ENOTEMPTY && ++level.Passes < Passes)
            {
                // Who unpacks into it, and whose engine was killed, notices that and stops within a tenth of a second.
                if (level.Passes > HastyPasses) Thread.Sleep(PauseMilliseconds);
                _ = LibC.lseek(level.Descriptor, 0, LibC.SEEK_SET);
                Empty(level);
                return;
            }
            if (errno != Errno.ENOENT) throw Failed("rmdir", level.Name, errno);
        }
        _ = LibC.close(level.Descriptor);
        _levels.RemoveAt(_levels.Count - 1);
    }

    /// <summary>Opens a directory, removes the files in it and remembers the directories; false when it is gone.</summary>
    private bool Enter(int parent, byte[] name)
    {
        int descriptor;
        fixed (byte* pointer = name)
            descriptor = LibC.openat(parent, pointer, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
        if (descriptor < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.ENOENT) return false;
            throw Failed("open", name, errno);
        }
        var level = new Level { Descriptor = descriptor, Name = name };
        _levels.Add(level);
        LibC.statx_result status;
        byte nothing = 0;
        if (LibC.statx(descriptor, &nothing, LibC.AT_EMPTY_PATH | LibC.AT_NO_AUTOMOUNT, LibC.STATX_BASIC_STATS, &status) < 0)
            throw Failed("statx", name, Marshal.GetLastPInvokeError());
        if (_levels.Count == 1) (_deviceMajor, _deviceMinor) = (status.DeviceMajor, status.DeviceMinor);
        if ((status.Attributes & STATX_ATTR_MOUNT_ROOT) != 0 || status.DeviceMajor != _deviceMajor || status.DeviceMinor != _deviceMinor)
            throw new LinuxException($"remove-tree: '{Oci.Layers.TarEntry.Show(name.AsSpan().TrimEnd((byte)0))}' is a mount point", Errno.EBUSY);
        level.Inode = status.Inode;
        if (_levels.Count > OpenLevels)
        {
            Level far = _levels[^(OpenLevels + 1)];
            if (far.Descriptor >= 0) _ = LibC.close(far.Descriptor);
            far.Descriptor = -1;
        }
        Empty(level);
        return true;
    }

    private void Empty(Level level)
    {
        fixed (byte* entries = _entries)
        {
            while (true)
            {
                nint read = LibC.getdents64(level.Descriptor, entries, (nuint)_entries.Length);
                // One that another remover took away meanwhile: who unpacked into it cleans up after itself when its engine was killed.
                if (read < 0 && Marshal.GetLastPInvokeError() == Errno.ENOENT) return;
                if (read < 0) throw Failed("getdents64", level.Name, Marshal.GetLastPInvokeError());
                if (read == 0) return;
                for (byte* entry = entries; entry < entries + read; entry += *(ushort*)(entry + 16))
                    RemoveEntry(level, entry[18], entry + 19);
            }
        }
    }

    private static void RemoveEntry(Level level, byte type, byte* pointer)
    {
        ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(pointer);
        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)) return;
        if (type != DT_DIR)
        {
            if (LibC.unlinkat(level.Descriptor, pointer, 0) == 0) return;
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.ENOENT) return;
            if (type != DT_UNKNOWN || errno is not (Errno.EISDIR or Errno.EPERM)) throw Failed("unlink", name, errno);
        }
        level.Directories.Add(NativePath.Terminate(name));
    }

    /// <summary>Opens the directory above through "..", and makes sure that it is still the one we came from.</summary>
    private static void Reopen(Level upper, int below)
    {
        int descriptor;
        fixed (byte* dots = ".."u8) descriptor = LibC.openat(below, dots, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        if (descriptor < 0) throw Failed("open", upper.Name, Marshal.GetLastPInvokeError());
        LibC.statx_result status;
        byte nothing = 0;
        _ = LibC.statx(descriptor, &nothing, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &status);
        if (status.Inode != upper.Inode)
        {
            _ = LibC.close(descriptor);
            throw Failed("remove-tree: moved meanwhile", upper.Name, Errno.EBUSY);
        }
        upper.Descriptor = descriptor;
    }

    private static LinuxException Failed(string call, ReadOnlySpan<byte> name, int errno) =>
        new($"{call}({Oci.Layers.TarEntry.Show(name.TrimEnd((byte)0))})", errno);
}
