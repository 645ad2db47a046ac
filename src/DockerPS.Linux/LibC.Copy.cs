using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>Copying within the kernel: copy_file_range(2), FICLONE of ioctl_ficlone(2), and renameat2(2).</summary>
public static unsafe partial class LibC
{
    public const uint RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2;

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint copy_file_range(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat2(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(int descriptor, void* buffer, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwrite(int descriptor, void* buffer, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string? source, string target, string? type, ulong flags, string? data);

    /// <summary>Lets a file share all blocks of another; 0 or -errno.</summary>
    public static int TryClone(int from, int to)
    {
        const int FICLONE = 0x40049409;
        return ioctl(to, FICLONE, (void*)(nint)from) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Copies at most so many bytes at an offset from file to file within the kernel; 0 at the end, -errno on failure.</summary>
    public static nint TryCopyRange(int from, int to, long offset, long length)
    {
        long input = offset, output = offset;
        nint copied = copy_file_range(from, &input, to, &output, (nuint)length, 0);
        return copied >= 0 ? copied : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Reads at an offset; 0 at the end, -errno on failure.</summary>
    public static nint TryReadAt(int file, Span<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
        {
            nint count = pread(file, start, (nuint)buffer.Length, offset);
            return count >= 0 ? count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Writes all at an offset.</summary>
    public static void WriteAllAt(int file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            for (nint done = 0; done < bytes.Length;)
            {
                nint written = pwrite(file, start + done, (nuint)(bytes.Length - done), offset + done);
                if (written >= 0) done += written;
                else if (Marshal.GetLastPInvokeError() != Errno.EINTR) throw Failure("write");
            }
        }
    }

    /// <summary>0 or errno. Names end in NUL.</summary>
    public static int TryRename(int oldDirectory, ReadOnlySpan<byte> oldPath, int newDirectory, ReadOnlySpan<byte> newPath, uint flags)
    {
        fixed (byte* from = oldPath, to = newPath)
            return renameat2(oldDirectory, from, newDirectory, to, flags) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <exception cref="LinuxException">It cannot be mounted.</exception>
    public static void Mount(string? source, string target, string? type, ulong flags, string? data)
    {
        if (mount(source, target, type, flags, data) != 0) throw Failure($"mount({type ?? "bind"}, {target})");
    }

    /// <summary>A detached clone of what a descriptor stands for, or -errno.</summary>
    public static int CloneTree(int descriptor, bool recursive)
    {
        byte empty = 0;
        return (int)Syscall.Invoke(
            Syscall.OpenTree, descriptor, (nint)(&empty), AT_EMPTY_PATH | OPEN_TREE_CLONE | O_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
    }

    /// <summary>Puts a detached mount on what a descriptor stands for; 0 or -errno.</summary>
    public static int TryAttach(int tree, int target)
    {
        byte empty = 0;
        return (int)Syscall.Invoke(
            Syscall.MoveMount, tree, (nint)(&empty), target, (nint)(&empty), MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    }

    /// <summary>Sets attributes of a mount by its descriptor; 0 or -errno.</summary>
    public static int TrySetMount(int tree, MountAttributes attributes, bool recursive)
    {
        byte empty = 0;
        return (int)Syscall.Invoke(
            Syscall.MountSetattr, tree, (nint)(&empty), AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), (nint)(&attributes), sizeof(MountAttributes));
    }
}
