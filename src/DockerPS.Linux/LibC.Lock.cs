using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>Locks of a process on a file: fcntl(2), "Advisory record locking". A child does not inherit them; they go with the process.</summary>
public static unsafe partial class LibC
{
    [StructLayout(LayoutKind.Sequential)]
    private struct record_lock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Pid;
    }

    /// <summary>Waits until nobody else holds the whole file, which is made when missing. Closing the descriptor lets go.</summary>
    public static int LockFile(string path)
    {
        const int F_SETLKW = 7, F_WRLCK = 1;
        int fd = Open(path, O_RDWR | O_CREAT, 0x180 /* 0600 */);
        record_lock whole = new() { Type = F_WRLCK };
        while (fcntl(fd, F_SETLKW, (nint)(&whole)) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR) continue;
            _ = close(fd);
            throw new LinuxException($"fcntl({path}, F_SETLKW)", errno);
        }

        return fd;
    }
}
