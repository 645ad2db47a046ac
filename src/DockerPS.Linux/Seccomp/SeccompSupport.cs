namespace DockerPS.Linux.Seccomp;

/// <summary>Flags of seccomp(2), and which of them this machine's kernel knows.</summary>
public static class SeccompSupport
{
    private static ReadOnlySpan<(string Name, uint Flag)> Flags => new (string, uint)[]
    {
        ("SECCOMP_FILTER_FLAG_TSYNC", LibC.SECCOMP_FILTER_FLAG_TSYNC),
        ("SECCOMP_FILTER_FLAG_LOG", LibC.SECCOMP_FILTER_FLAG_LOG),
        ("SECCOMP_FILTER_FLAG_SPEC_ALLOW", LibC.SECCOMP_FILTER_FLAG_SPEC_ALLOW),
        ("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", LibC.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV),
    };

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
}
