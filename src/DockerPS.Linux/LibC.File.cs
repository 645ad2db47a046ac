using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>Files and directories. Names are bytes that end in NUL, since a file name of Linux need not be text.</summary>
public static unsafe partial class LibC
{
    public const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_TRUNC = 0x200, O_APPEND = 0x400,
        O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000, O_PATH = 0x200000;

    /// <summary>Flags whose numbers differ between processors.</summary>
    public static int O_DIRECTORY => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000;
    public static int O_DIRECT => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;
    public static int O_NOFOLLOW => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    /// <summary>Directory of the process's own descriptors (proc(5)); in it a number is the name of what it stands for.</summary>
    public const string OwnDescriptors = "/proc/self/fd";

    public const int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200, AT_SYMLINK_FOLLOW = 0x400,
        AT_NO_AUTOMOUNT = 0x800, AT_EMPTY_PATH = 0x1000;

    public const uint S_IFMT = 0xF000, S_IFSOCK = 0xC000, S_IFLNK = 0xA000, S_IFREG = 0x8000, S_IFBLK = 0x6000, S_IFDIR = 0x4000,
        S_IFCHR = 0x2000, S_IFIFO = 0x1000, S_ISUID = 0x800, S_ISGID = 0x400, S_ISVTX = 0x200;

    public const int SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4;

    public const uint STATX_BASIC_STATS = 0x7FF;

    /// <summary>Nanoseconds that leave a time as it is, with <see cref="utimensat"/>.</summary>
    public const long UTIME_OMIT = (1L << 30) - 2;

    [LibraryImport("libc", SetLastError = true)] public static partial int openat(int directory, byte* path, int flags, uint mode);
    [LibraryImport("libc", SetLastError = true)] public static partial int close(int descriptor);
    [LibraryImport("libc", SetLastError = true)] public static partial nint read(int descriptor, void* buffer, nuint count);
    [LibraryImport("libc", SetLastError = true)] public static partial nint write(int descriptor, void* buffer, nuint count);
    [LibraryImport("libc", SetLastError = true)] public static partial nint writev(int descriptor, iovec* parts, int count);
    [LibraryImport("libc", SetLastError = true)] public static partial long lseek(int descriptor, long offset, int whence);
    [LibraryImport("libc", SetLastError = true)] public static partial int ftruncate(int descriptor, long length);
    [LibraryImport("libc", SetLastError = true)] public static partial int mkdirat(int directory, byte* path, uint mode);
    [LibraryImport("libc", SetLastError = true)] public static partial int mknodat(int directory, byte* path, uint mode, ulong device);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int linkat(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath, int flags);
    [LibraryImport("libc", SetLastError = true)] public static partial int symlinkat(byte* target, int directory, byte* path);
    [LibraryImport("libc", SetLastError = true)] public static partial int unlinkat(int directory, byte* path, int flags);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint readlinkat(int directory, byte* path, byte* buffer, nuint size);
    [LibraryImport("libc", SetLastError = true)] public static partial int fchown(int descriptor, uint user, uint group);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchownat(int directory, byte* path, uint user, uint group, int flags);
    [LibraryImport("libc", SetLastError = true)] public static partial int fchmod(int descriptor, uint mode);
    [LibraryImport("libc", SetLastError = true)] public static partial int fchmodat(int directory, byte* path, uint mode, int flags);
    [LibraryImport("libc", SetLastError = true)] public static partial int futimens(int descriptor, timespec* times);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int utimensat(int directory, byte* path, timespec* times, int flags);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int statx(int directory, byte* path, int flags, uint mask, statx_result* result);
    [LibraryImport("libc", SetLastError = true)] public static partial nint getdents64(int descriptor, byte* buffer, nuint size);
    [LibraryImport("libc", SetLastError = true)] public static partial int fchdir(int descriptor);
    [LibraryImport("libc", SetLastError = true)] public static partial int chroot(byte* path);
    [LibraryImport("libc")] public static partial uint umask(uint mask);
    [LibraryImport("libc", SetLastError = true)] public static partial int poll(pollfd* descriptors, nuint count, int milliseconds);

    /// <summary>Writes all; a short write goes on where it stopped.</summary>
    /// <exception cref="LinuxException">The file cannot be written.</exception>
    public static void WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (nint done = 0; done < bytes.Length;)
            {
                nint written = write(descriptor, start + done, (nuint)(bytes.Length - done));
                if (written >= 0) done += written;
                else if (Marshal.GetLastPInvokeError() != Errno.EINTR) throw new LinuxException("write", Marshal.GetLastPInvokeError());
            }
        }
    }

    /// <summary>Reads once; 0 at the end of the file.</summary>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint count = read(descriptor, start, (nuint)buffer.Length);
                if (count >= 0) return (int)count;
                if (Marshal.GetLastPInvokeError() != Errno.EINTR) throw new LinuxException("read", Marshal.GetLastPInvokeError());
            }
        }
    }

    /// <summary>Waits until a descriptor that does not block takes bytes again, or is broken.</summary>
    public static void AwaitWritable(int descriptor)
    {
        var one = new pollfd { Descriptor = descriptor, Events = 4 };
        _ = poll(&one, 1, -1);
    }

    /// <summary>The number of a device, as the kernel and glibc put major and minor together.</summary>
    public static ulong MakeDevice(uint major, uint minor) =>
        ((ulong)(major & 0xFFFFF000) << 32) | ((ulong)(major & 0xFFF) << 8) | ((ulong)(minor & 0xFFFFFF00) << 12) | (minor & 0xFF);

    public static uint MajorOf(ulong device) => ((uint)(device >> 32) & 0xFFFFF000) | ((uint)(device >> 8) & 0xFFF);

    public static uint MinorOf(ulong device) => ((uint)(device >> 12) & 0xFFFFFF00) | ((uint)device & 0xFF);

#pragma warning disable CS8981, IDE1006 // Named as in C.
    [StructLayout(LayoutKind.Sequential)]
    public struct iovec
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct statx_timestamp
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }

    /// <summary>struct statx: unlike struct stat it is the same on every processor. https://man7.org/linux/man-pages/man2/statx.2.html</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct statx_result
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint Links;
        public uint User;
        public uint Group;
        public ushort Mode;
        private ushort _spare;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public statx_timestamp Accessed;
        public statx_timestamp Born;
        public statx_timestamp Changed;
        public statx_timestamp Modified;
        public uint DeviceMajorOfNode;
        public uint DeviceMinorOfNode;
        public uint DeviceMajor;
        public uint DeviceMinor;
        public ulong MountId;
    }
#pragma warning restore CS8981, IDE1006
}
