using System.Runtime.InteropServices;

namespace DockerPS.Linux;

// statfs(2), rmdir(2), pidfd_send_signal(2): what control groups need besides plain reading and writing.
public static unsafe partial class LibC
{
    /// <summary>File system types, as in linux/magic.h.</summary>
    public const long CGROUP_SUPER_MAGIC = 0x27E0EB, CGROUP2_SUPER_MAGIC = 0x63677270;

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statfs(string path, long* result);

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir_directory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int usleep(uint microseconds);

    internal static void Pause(int microseconds) => _ = usleep((uint)microseconds);

    /// <summary>The type's magic number of the file system that holds the path; 0 when there is no such path.</summary>
    internal static long FileSystemType(string path)
    {
        // f_type is the first member, as wide as long on every 64-bit architecture; the whole is 120 bytes.
        long* result = stackalloc long[32];
        return statfs(path, result) == 0 ? result[0] : 0;
    }

    /// <summary>0 or errno.</summary>
    public static int TryRemoveDirectory(string path) => rmdir(path) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>0 or errno.</summary>
    internal static int TryMakeDirectory(string path) => mkdir_directory(path, 0x1ED) == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint pidfd_call(nint number, nint a, nint b, nint c, nint d);

    /// <summary>-1 when there is no such process; pidfds are close-on-exec.</summary>
    internal static int TryOpenPidfd(int pid) => (int)pidfd_call(434, pid, 0, 0, 0);

    internal static void TrySignalPidfd(int pidfd, int signal) => _ = pidfd_call(424, pidfd, signal, 0, 0);
}
