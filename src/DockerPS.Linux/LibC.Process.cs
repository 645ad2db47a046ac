using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>Processes: clone3(2), waitid(2), pidfd_open(2), signals, prctl(2).</summary>
public static unsafe partial class LibC
{
    public const int SIGHUP = 1, SIGINT = 2, SIGKILL = 9, SIGPIPE = 13, SIGTERM = 15, SIGCHLD = 17, SIGTTOU = 22;
    public const int PR_SET_DUMPABLE = 4, PR_SET_KEEPCAPS = 8, PR_SET_NAME = 15, PR_CAPBSET_DROP = 24, PR_SET_CHILD_SUBREAPER = 36, PR_SET_NO_NEW_PRIVS = 38,
        PR_CAP_AMBIENT = 47;

    public const ulong CLONE_PIDFD = 0x1000, CLONE_NEWTIME = 0x80, CLONE_NEWNS = 0x20000, CLONE_NEWCGROUP = 0x2000000,
        CLONE_NEWUTS = 0x4000000, CLONE_NEWIPC = 0x8000000, CLONE_NEWUSER = 0x10000000, CLONE_NEWPID = 0x20000000,
        CLONE_NEWNET = 0x40000000, CLONE_INTO_CGROUP = 0x200000000;

    /// <summary>struct clone_args of clone3(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CloneArguments
    {
        public ulong flags;
        public ulong pidfd;
        public ulong child_tid;
        public ulong parent_tid;
        public ulong exit_signal;
        public ulong stack;
        public ulong stack_size;
        public ulong tls;
        public ulong set_tid;
        public ulong set_tid_size;
        public ulong cgroup;
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct SigInfo
    {
        [FieldOffset(8)] public int code;
        [FieldOffset(16)] public int pid;
        [FieldOffset(24)] public int status;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsid();

    [LibraryImport("libc")]
    public static partial int getpid();

    [LibraryImport("libc")]
    public static partial uint getuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int kind, int id, SigInfo* info, int options, void* usage);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(int fd, int type);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nint a, nint b, nint c, nint d);

    /// <summary>Ignores a signal; a program executed later inherits that, unless it is reset.</summary>
    public static void IgnoreSignal(int number) => signal(number, 1);

    /// <summary>Installs a handler, which may only do what is async-signal-safe.</summary>
    public static void HandleSignal(int number, delegate* unmanaged<int, void> handler) => signal(number, (nint)handler);

    /// <summary>A descriptor of a process; -1 when it is gone.</summary>
    public static int OpenPidfd(int pid)
    {
        nint fd = Syscall.Invoke(Syscall.PidfdOpen, pid);
        return fd >= 0 ? (int)fd : -1;
    }

    /// <summary>Sends a signal by descriptor, so that a pid given again is never hit. 0 or -errno.</summary>
    public static int SendSignal(int pidfd, int number) => (int)Syscall.Invoke(Syscall.PidfdSendSignal, pidfd, number);

    /// <summary>Reaps an ended child: its exit code as a shell says it (128 + signal), or null while it runs.</summary>
    public static int? TryReap(int pidfd)
    {
        const int P_PIDFD = 3, WEXITED = 4, WNOHANG = 1, CLD_EXITED = 1;
        SigInfo info = default;
        while (waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG, null) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR) throw Failure("waitid(P_PIDFD)");
        }

        if (info.pid == 0) return null;
        return info.code == CLD_EXITED ? info.status : 128 + info.status;
    }

    /// <summary>Waits until the descriptor's process has ended; false at the limit of milliseconds.</summary>
    public static bool WaitForEnd(int pidfd, int timeout)
    {
        pollfd p = new() { Descriptor = pidfd, Events = POLLIN };
        return poll(&p, 1, timeout) > 0;
    }

    /// <summary>Nanoseconds that the processor has worked for the calling thread, in the kernel too (clock_gettime(2)).</summary>
    public static long ThreadTime()
    {
        const int ThreadCpuTime = 3;
        timespec time;
        return clock_gettime(ThreadCpuTime, &time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;
    }

    /// <summary>Bytes of memory that nothing uses, not even as a cache (sysinfo(2)); 0 when the kernel does not say.</summary>
    public static long FreeMemory()
    {
        const int FreeAt = 5;
        ulong* information = stackalloc ulong[16];
        return Syscall.Invoke(Syscall.Sysinfo, (nint)information) == 0 ? (long)information[FreeAt] : 0;
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, timespec* time);
}
