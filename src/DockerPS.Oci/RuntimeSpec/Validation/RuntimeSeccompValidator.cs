using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Judges linux.seccomp (config-linux.md, "Seccomp"). Names of system calls are the filter's own matter, as each machine has others.</summary>
public static class RuntimeSeccompValidator
{
    private const uint MaxErrno = 4095;

    /// <summary>Of rules, and of what has no rule.</summary>
    public static ReadOnlySpan<string> Actions => new[]
    {
        "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE",
        "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
    };

    /// <summary>Of arguments.</summary>
    public static ReadOnlySpan<string> Operators => new[]
    {
        "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ",
    };

    /// <summary>As libseccomp names them.</summary>
    public static ReadOnlySpan<string> Architectures => new[]
    {
        "SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",
        "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
        "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64",
        "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
    };

    /// <summary>Of seccomp(2).</summary>
    public static ReadOnlySpan<string> Flags => new[]
    {
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    };

    /// <param name="seccomp">What was read.</param>
    /// <param name="at">Where it stands, for errors.</param>
    /// <exception cref="JsonException">A value is not allowed; its path and what to do are named.</exception>
    public static void Validate(RuntimeSeccomp seccomp, string at = "$.linux.seccomp")
    {
        CheckAction(seccomp.DefaultAction, at + ".defaultAction");
        CheckErrno(seccomp.DefaultAction, seccomp.DefaultErrnoRet, at + ".defaultErrnoRet");
        if (seccomp.DefaultAction == "SCMP_ACT_NOTIFY")
        {
            // The process that would answer could not even be told of the first call.
            throw RuntimeConfigValidator.Wrong(at + ".defaultAction", "cannot be SCMP_ACT_NOTIFY; name the calls to be told of in syscalls");
        }

        for (int i = 0; i < seccomp.Architectures?.Count; i++) CheckArchitecture(seccomp.Architectures[i], $"{at}.architectures[{i}]");
        for (int i = 0; i < seccomp.Flags?.Count; i++)
        {
            if (!Flags.Contains(seccomp.Flags[i]))
            {
                throw Wrong($"{at}.flags[{i}]", seccomp.Flags[i], "flag; see seccomp(2) for the names, as SECCOMP_FILTER_FLAG_LOG");
            }
        }

        bool notify = false;
        for (int i = 0; i < seccomp.Syscalls?.Count; i++)
        {
            CheckRule(seccomp.Syscalls[i], $"{at}.syscalls[{i}]");
            notify |= seccomp.Syscalls[i].Action == "SCMP_ACT_NOTIFY";
        }

        if (notify && string.IsNullOrEmpty(seccomp.ListenerPath))
            throw RuntimeConfigValidator.Wrong(at + ".listenerPath", "is missing: SCMP_ACT_NOTIFY needs the socket of whoever answers");
        if (!string.IsNullOrEmpty(seccomp.ListenerMetadata) && string.IsNullOrEmpty(seccomp.ListenerPath))
            throw RuntimeConfigValidator.Wrong(at + ".listenerMetadata", "must not be there without listenerPath");
    }

    private static void CheckRule(RuntimeSeccompRule rule, string at)
    {
        if (rule.Names.Count == 0) throw RuntimeConfigValidator.Wrong(at + ".names", "must name at least one system call");
        for (int i = 0; i < rule.Names.Count; i++)
        {
            if (rule.Names[i].Length == 0) throw RuntimeConfigValidator.Wrong($"{at}.names[{i}]", "is empty: name a system call");
        }

        CheckAction(rule.Action, at + ".action");
        CheckErrno(rule.Action, rule.ErrnoRet, at + ".errnoRet");
        for (int i = 0; i < rule.Args?.Count; i++)
        {
            if (rule.Args[i].Index > 5) throw RuntimeConfigValidator.Wrong($"{at}.args[{i}].index", "must be 0 to 5");
            if (!Operators.Contains(rule.Args[i].Op))
            {
                throw Wrong($"{at}.args[{i}].op", rule.Args[i].Op, "operator; use SCMP_CMP_NE, _LT, _LE, _EQ, _GE, _GT or _MASKED_EQ");
            }
        }
    }

    private static void CheckAction(string action, string at)
    {
        if (!Actions.Contains(action))
        {
            throw Wrong(at, action, "action; use SCMP_ACT_ALLOW, _ERRNO, _KILL, _KILL_PROCESS, _KILL_THREAD, _LOG, _NOTIFY, _TRACE or _TRAP");
        }
    }

    private static void CheckErrno(string action, uint? errno, string at)
    {
        if (errno is null) return;
        if (action is not ("SCMP_ACT_ERRNO" or "SCMP_ACT_TRACE"))
            throw RuntimeConfigValidator.Wrong(at, $"has no meaning with {action}; leave it out");
        if (action == "SCMP_ACT_ERRNO" && errno > MaxErrno) throw RuntimeConfigValidator.Wrong(at, $"must be at most {MaxErrno}");
        if (errno > ushort.MaxValue) throw RuntimeConfigValidator.Wrong(at, "must be at most 65535");
    }

    private static void CheckArchitecture(string name, string at)
    {
        if (!Architectures.Contains(name))
        {
            throw Wrong(at, name, "architecture; see seccomp_arch_add(3) for the names, as SCMP_ARCH_X86_64");
        }
    }

    private static JsonException Wrong(string path, string value, string what) =>
        RuntimeConfigValidator.Wrong(path, $"{RuntimeConfigValidator.Quote(value)} is no {what}");
}
