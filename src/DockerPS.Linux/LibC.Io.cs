using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux;

/// <summary>The C library by kernel subject. Here: descriptors, pipes, poll(2), local sockets.</summary>
public static unsafe partial class LibC
{
    public const int O_NOCTTY = 0x100;
    public const short POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16, POLLNVAL = 32;
    public const int AF_UNIX = 1, SOCK_STREAM = 1, SOCK_SEQPACKET = 5, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* fds, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int from, int to);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int fd, nint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socketpair(int domain, int type, int protocol, int* fds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int fd, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int listen(int fd, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int accept4(int fd, void* address, void* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(int fd, void* message, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdir(string path, int mode);

    /// <summary>Opens or throws; always close-on-exec.</summary>
    public static int Open(string path, int flags, int mode = 0)
    {
        int fd = open(path, flags | O_CLOEXEC, mode);
        return fd >= 0 ? fd : throw Failure($"open({path})");
    }

    /// <summary>A pipe, close-on-exec: (read end, write end).</summary>
    public static (int Read, int Write) Pipe(int flags = 0)
    {
        int* fds = stackalloc int[2];
        if (pipe2(fds, flags | O_CLOEXEC) != 0) throw Failure("pipe2()");
        return (fds[0], fds[1]);
    }

    /// <summary>Closes all descriptors above one; those that the parent forgot to mark close-on-exec, for instance.</summary>
    public static void CloseAbove(int fd) => Syscall.Invoke(Syscall.CloseRange, fd + 1, int.MaxValue, 0);

    /// <summary>Closes when open (not negative); marks closed.</summary>
    public static void Close(ref int fd)
    {
        if (fd >= 0) _ = close(fd);
        fd = -1;
    }

    /// <summary>Reads up to the buffer; retries EINTR; -errno on failure.</summary>
    public static int TryRead(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                nint n = read(fd, p, (nuint)buffer.Length);
                if (n >= 0) return (int)n;
                int errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR) return -errno;
            }
        }
    }

    /// <summary>Writes once; retries EINTR; -errno on failure.</summary>
    public static int TryWrite(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes)
        {
            while (true)
            {
                nint n = write(fd, p, (nuint)bytes.Length);
                if (n >= 0) return (int)n;
                int errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR) return -errno;
            }
        }
    }

    /// <summary>Makes reads and writes of this descriptor return EAGAIN instead of waiting.</summary>
    public static void SetNonBlocking(int fd)
    {
        const int F_GETFL = 3, F_SETFL = 4;
        int flags = fcntl(fd, F_GETFL, 0);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) throw Failure("fcntl(F_SETFL)");
    }

    /// <summary>Whole content of a small file such as those of /proc; null when it cannot be opened.</summary>
    public static byte[]? TryReadFile(string path, int limit = 1 << 20)
    {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
        if (fd < 0) return null;
        try
        {
            return ReadToEnd(fd, limit);
        }
        finally
        {
            _ = close(fd);
        }
    }

    /// <summary>Reads to the end or to the limit.</summary>
    public static byte[] ReadToEnd(int fd, int limit)
    {
        var buffer = new byte[Math.Min(limit, 4096)];
        int length = 0;
        while (length < limit)
        {
            if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(limit, buffer.Length * 2));
            int n = TryRead(fd, buffer.AsSpan(length));
            if (n <= 0) break;
            length += n;
        }

        return buffer[..length];
    }

    /// <summary>A listening local socket at a path, which is replaced; mode 0600.</summary>
    public static int ListenUnix(string path, int backlog, bool nonBlocking = true)
    {
        int directory = -1;
        try
        {
            byte* address = stackalloc byte[2 + UnixPathLength];
            int length = UnixAddress(AddressablePath(path, ref directory), address);
            _ = unlink(path);
            int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (nonBlocking ? SOCK_NONBLOCK : 0), 0);
            if (fd < 0) throw Failure("socket(AF_UNIX)");
            if (bind(fd, address, length) == 0 && listen(fd, backlog) == 0) return fd;
            LinuxException failure = Failure($"bind({path})");
            _ = close(fd);
            throw failure;
        }
        finally
        {
            Close(ref directory);
        }
    }

    public static bool IsOpen(int fd) => fcntl(fd, 1 /* F_GETFD */, 0) >= 0;

    /// <summary>The descriptor is /dev/null, by its numbers.</summary>
    public static bool IsNullDevice(int fd)
    {
        statx_result facts;
        byte empty = 0;
        return statx(fd, &empty, AT_EMPTY_PATH, STATX_BASIC_STATS, &facts) == 0
            && (facts.Mode & S_IFMT) == S_IFCHR && facts is { DeviceMajorOfNode: 1, DeviceMinorOfNode: 3 };
    }

    /// <summary>The exception for the last failed call.</summary>
    public static LinuxException Failure(string call) => new(call, Marshal.GetLastPInvokeError());
}
