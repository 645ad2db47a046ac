using System.Runtime.InteropServices;

namespace DockerPS.Linux;

// eventfd(2). https://man7.org/linux/man-pages/man2/eventfd.2.html
public static unsafe partial class LibC
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    /// <summary>A counter that reads without waiting; close-on-exec.</summary>
    public static int EventDescriptor()
    {
        int fd = eventfd(0, O_NONBLOCK | O_CLOEXEC);
        return fd >= 0 ? fd : throw Failure("eventfd()");
    }
}
