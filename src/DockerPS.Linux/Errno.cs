using System.Globalization;
using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>Error numbers of Linux (errno(3)), the ones that code or messages name.</summary>
public static class Errno
{
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, ENOEXEC = 8, EBADF = 9, ECHILD = 10,
        EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17, EXDEV = 18, ENODEV = 19, ENOTDIR = 20, EISDIR = 21,
        EINVAL = 22, ENFILE = 23, EMFILE = 24, ENOTTY = 25, ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, EROFS = 30, EPIPE = 32, ERANGE = 34, ENAMETOOLONG = 36,
        ENOSYS = 38, ENOTEMPTY = 39, ELOOP = 40, ENODATA = 61, EOVERFLOW = 75, EOPNOTSUPP = 95, EADDRINUSE = 98, ENETUNREACH = 101, ETIMEDOUT = 110, ECONNREFUSED = 111,
        EHOSTUNREACH = 113, EINPROGRESS = 115, EDQUOT = 122;

    /// <summary><c>ENOENT</c>, or the number.</summary>
    public static string Name(int errno) => errno switch
    {
        EPERM => "EPERM", ENOENT => "ENOENT", ESRCH => "ESRCH", EINTR => "EINTR", EIO => "EIO", ENXIO => "ENXIO", E2BIG => "E2BIG",
        ENOEXEC => "ENOEXEC", EBADF => "EBADF", ECHILD => "ECHILD", EAGAIN => "EAGAIN", ENOMEM => "ENOMEM", EACCES => "EACCES", EFAULT => "EFAULT",
        EBUSY => "EBUSY", EEXIST => "EEXIST", EXDEV => "EXDEV", ENODEV => "ENODEV", ENOTDIR => "ENOTDIR", EISDIR => "EISDIR",
        EINVAL => "EINVAL", ENFILE => "ENFILE", EMFILE => "EMFILE", ENOTTY => "ENOTTY", ETXTBSY => "ETXTBSY", EFBIG => "EFBIG", ENOSPC => "ENOSPC",
        EROFS => "EROFS", EPIPE => "EPIPE", ERANGE => "ERANGE", ENAMETOOLONG => "ENAMETOOLONG", ENOSYS => "ENOSYS", ENOTEMPTY => "ENOTEMPTY",
        ELOOP => "ELOOP", ENODATA => "ENODATA", EOVERFLOW => "EOVERFLOW", EOPNOTSUPP => "EOPNOTSUPP", EADDRINUSE => "EADDRINUSE",
        ENETUNREACH => "ENETUNREACH", EHOSTUNREACH => "EHOSTUNREACH", ETIMEDOUT => "ETIMEDOUT", ECONNREFUSED => "ECONNREFUSED", EINPROGRESS => "EINPROGRESS", EDQUOT => "EDQUOT",
        _ => errno.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The system's words for it.</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
