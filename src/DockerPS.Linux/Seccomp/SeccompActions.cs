namespace DockerPS.Linux.Seccomp;

/// <summary>What a filter answers (seccomp(2), "Filtering return actions"): the action in the upper bits, its data in the lower sixteen.</summary>
public static class SeccompActions
{
    public const uint KillProcess = 0x80000000, KillThread = 0, Trap = 0x00030000, Error = 0x00050000, Notify = 0x7FC00000, Trace = 0x7FF00000,
        Log = 0x7FFC0000, Allow = 0x7FFF0000;

    /// <summary>The bits that are the action.</summary>
    public const uint Mask = 0xFFFF0000;

    /// <summary>The greatest number that the kernel hands on as an error (MAX_ERRNO).</summary>
    public const uint GreatestErrno = 4095;

    private static ReadOnlySpan<(string Name, string Kernel, uint Value)> All => new (string, string, uint)[]
    {
        ("SCMP_ACT_KILL", "kill_thread", KillThread),
        ("SCMP_ACT_KILL_PROCESS", "kill_process", KillProcess),
        ("SCMP_ACT_KILL_THREAD", "kill_thread", KillThread),
        ("SCMP_ACT_TRAP", "trap", Trap),
        ("SCMP_ACT_ERRNO", "errno", Error),
        ("SCMP_ACT_TRACE", "trace", Trace),
        ("SCMP_ACT_ALLOW", "allow", Allow),
        ("SCMP_ACT_LOG", "log", Log),
        ("SCMP_ACT_NOTIFY", "user_notif", Notify),
    };

    /// <summary>All names of the runtime-spec.</summary>
    public static string[] Names
    {
        get
        {
            var names = new string[All.Length];
            for (int i = 0; i < names.Length; i++) names[i] = All[i].Name;
            return names;
        }
    }

    /// <summary>The number of a name such as <c>SCMP_ACT_ERRNO</c>, without data.</summary>
    public static bool TryParse(string name, out uint action)
    {
        foreach ((string known, _, uint value) in All)
        {
            if (known != name) continue;
            action = value;
            return true;
        }

        action = 0;
        return false;
    }

    /// <summary>The kernel's own word for an action, as /proc/sys/kernel/seccomp/actions_avail lists it.</summary>
    public static string KernelName(uint action)
    {
        foreach ((_, string kernel, uint value) in All)
        {
            if (value == (action & Mask)) return kernel;
        }

        throw new ArgumentOutOfRangeException(nameof(action), action, "No action of seccomp.");
    }

    /// <summary>Whether an action carries a number: an errno, or what a tracer reads (PTRACE_GETEVENTMSG).</summary>
    public static bool TakesData(uint action) => (action & Mask) is Error or Trace;
}
