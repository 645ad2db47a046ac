using System.Text;

namespace DockerPS.Linux.Seccomp;

/// <summary>What can be used in a filter on this machine; for <c>features</c> and self-checks.</summary>
public static class SeccompSupport
{
    private static ReadOnlySpan<(string Name, uint Flag)> Flags => new (string, uint)[]
    {
        ("SECCOMP_FILTER_FLAG_TSYNC", LibC.SECCOMP_FILTER_FLAG_TSYNC),
        ("SECCOMP_FILTER_FLAG_LOG", LibC.SECCOMP_FILTER_FLAG_LOG),
        ("SECCOMP_FILTER_FLAG_SPEC_ALLOW", LibC.SECCOMP_FILTER_FLAG_SPEC_ALLOW),
        ("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", LibC.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV),
    };

    /// <summary>The kernel filters system calls (CONFIG_SECCOMP_FILTER).</summary>
    public static bool Kernel => LibC.KnowsFilterFlags(0);

    /// <summary>The installed libseccomp's version; null when it is absent. Loads it.</summary>
    public static Version? LibraryVersion => SeccompLibrary.TryVersion();

    /// <summary>Names of the runtime-spec that a configuration may hold.</summary>
    public static string[] Actions => SeccompActions.Names;

    public static string[] Operators => SeccompCondition.Operators;

    public static string[] Architectures => SeccompArchitectures.Names;

    /// <summary>Flags that this runtime knows.</summary>
    public static string[] KnownFlags
    {
        get
        {
            var names = new string[Flags.Length];
            for (int i = 0; i < names.Length; i++) names[i] = Flags[i].Name;
            return names;
        }
    }

    /// <summary>Flags that this kernel knows too.</summary>
    public static string[] SupportedFlags
    {
        get
        {
            var names = new List<string>();
            foreach ((string name, uint flag) in Flags)
            {
                if (IsSupported(flag)) names.Add(name);
            }

            return [.. names];
        }
    }

    public static bool TryParseFlag(string name, out uint flag)
    {
        foreach ((string known, uint value) in Flags)
        {
            if (known != name) continue;
            flag = value;
            return true;
        }

        flag = 0;
        return false;
    }

    /// <summary>Whether this kernel knows a flag.</summary>
    public static bool IsSupported(uint flag) =>
        // Waiting killably means something to a listener only.
        LibC.KnowsFilterFlags(flag == LibC.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV ? flag | LibC.SECCOMP_FILTER_FLAG_NEW_LISTENER : flag);

    /// <summary>Whether this kernel knows an action; it refuses no filter with another one, but ends the process that meets it.</summary>
    public static unsafe bool IsActionSupported(uint action)
    {
        uint value = action & SeccompActions.Mask;
        return Syscall.Invoke(Syscall.Seccomp, LibC.SECCOMP_GET_ACTION_AVAIL, 0, (nint)(&value)) == 0;
    }

    /// <summary>The kernel's words for the actions it knows.</summary>
    public static string[] KernelActions() =>
        LibC.TryReadFile("/proc/sys/kernel/seccomp/actions_avail") is { } text
            ? Encoding.ASCII.GetString(text).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            : [];
}
