using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux;

// connect(2) to local sockets. https://man7.org/linux/man-pages/man7/unix.7.html
public static unsafe partial class LibC
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int fd, byte* address, int length);

    /// <summary>A blocking stream connected to a socket by path, close-on-exec; or -errno.</summary>
    /// <param name="path">In the file system; with <c>@</c> in front in the abstract name space.</param>
    internal static int TryConnectUnix(string path)
    {
        const int PathLength = 108;
        int length = Encoding.UTF8.GetByteCount(path);
        if (length >= PathLength) return -Errno.ENAMETOOLONG;
        byte* address = stackalloc byte[2 + PathLength];
        new Span<byte>(address, 2 + PathLength).Clear();
        *(ushort*)address = AF_UNIX;
        Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, PathLength));
        bool isAbstract = path[0] == '@';
        if (isAbstract) address[2] = 0;
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) return -Marshal.GetLastPInvokeError();
        while (connect(fd, address, 2 + length + (isAbstract ? 0 : 1)) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR) continue;
            _ = close(fd);
            return -errno;
        }
        return fd;
    }
}
