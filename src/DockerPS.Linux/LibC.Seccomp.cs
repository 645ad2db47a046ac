using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux.Seccomp;

namespace DockerPS.Linux;

// seccomp(2), memfd_create(2), pidfd_getfd(2). https://man7.org/linux/man-pages/man2/seccomp.2.html
public static unsafe partial class LibC
{
    public const int SECCOMP_SET_MODE_FILTER = 1, SECCOMP_GET_ACTION_AVAIL = 2;

    public const uint SECCOMP_FILTER_FLAG_TSYNC = 1, SECCOMP_FILTER_FLAG_LOG = 2, SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4,
        SECCOMP_FILTER_FLAG_NEW_LISTENER = 8, SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int renameat(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath);

    private const int PageLength = 4096;

    [LibraryImport("libc", SetLastError = true)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, int length);

    /// <summary>struct sock_fprog, which seccomp(2) takes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FilterProgram
    {
        /// <summary>Instructions.</summary>
        public ushort Length;
        public SeccompInstruction* Instructions;
    }

    /// <summary>An unnamed file in memory, close-on-exec.</summary>
    public static int MemoryFile(string name)
    {
        const uint MFD_CLOEXEC = 1;
        int fd = memfd_create(name, MFD_CLOEXEC);
        return fd >= 0 ? fd : throw Failure("memfd_create()");
    }

    /// <summary>The first page of a file, shared with who else maps it.</summary>
    public static int* MapShared(int file)
    {
        const int PROT_READ_WRITE = 3, MAP_SHARED = 1;
        void* page = mmap(null, PageLength, PROT_READ_WRITE, MAP_SHARED, file, 0);
        return page != (void*)-1 ? (int*)page : throw Failure("mmap(MAP_SHARED)");
    }

    /// <summary>Undoes <see cref="MapShared"/>.</summary>
    public static void Unmap(int* page) => _ = munmap(page, PageLength);

    /// <summary>An unnamed file in memory of one page, close-on-exec.</summary>
    public static int MemoryPage(string name)
    {
        int file = MemoryFile(name);
        if (ftruncate(file, PageLength) == 0) return file;
        LinuxException failure = Failure("ftruncate(memory)");
        _ = close(file);
        throw failure;
    }

    /// <summary>A connected local socket.</summary>
    /// <param name="path">Where somebody listens.</param>
    /// <param name="milliseconds">How long connecting, and later sending, may take.</param>
    public static int ConnectUnix(string path, int milliseconds)
    {
        const int PathLength = 108, SOL_SOCKET = 1, SO_SNDTIMEO = 21;
        int length = Encoding.UTF8.GetByteCount(path);
        if (length >= PathLength)
            throw new LinuxException($"connect({path}): a socket's path has at most {PathLength - 1} bytes", Errno.ENAMETOOLONG);
        byte* address = stackalloc byte[2 + PathLength];
        new Span<byte>(address, 2 + PathLength).Clear();
        *(ushort*)address = AF_UNIX;
        Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, PathLength));
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) throw Failure("socket(AF_UNIX)");
        long* limit = stackalloc long[2];
        limit[0] = milliseconds / 1000;
        limit[1] = milliseconds % 1000 * 1000;
        if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, limit, 16) == 0 && connect(fd, address, 2 + length + 1) == 0) return fd;
        LinuxException failure = Failure($"connect({path})");
        _ = close(fd);
        throw failure;
    }

    /// <summary>Whether this kernel's seccomp(2) knows flags: with a bad address it gets as far as the program only then.</summary>
    public static bool KnowsFilterFlags(uint flags) =>
        Syscall.Invoke(Syscall.Seccomp, SECCOMP_SET_MODE_FILTER, (nint)flags, 0) == -Errno.EFAULT;
}
