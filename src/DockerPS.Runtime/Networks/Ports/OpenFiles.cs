using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>The supervisor's own limit of descriptors; the container's is set by then.</summary>
internal static unsafe class OpenFiles
{
    private const int RLIMIT_NOFILE = 7;

    /// <summary>Up to what the host allows.</summary>
    public static void Raise()
    {
        ulong* limit = stackalloc ulong[2];
        if (!Read(limit)) return;
        limit[0] = limit[1];
        Syscall.Invoke(Syscall.Prlimit64, 0, RLIMIT_NOFILE, (nint)limit, 0);
    }

    /// <summary>How many there may be now; others may change it while the container runs.</summary>
    public static int Most
    {
        get
        {
            ulong* limit = stackalloc ulong[2];
            return Read(limit) ? (int)Math.Min(limit[0], int.MaxValue) : 1024;
        }
    }

    private static bool Read(ulong* limit) => Syscall.Invoke(Syscall.Prlimit64, 0, RLIMIT_NOFILE, 0, (nint)limit) == 0;
}
