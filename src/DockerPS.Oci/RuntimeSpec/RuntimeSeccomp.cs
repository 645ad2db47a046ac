namespace DockerPS.Oci.RuntimeSpec;

/// <summary>A filter of system calls (config-linux.md, "Seccomp"). Names are the specification's: <c>SCMP_ACT_ERRNO SCMP_ARCH_X86_64 SCMP_CMP_EQ</c>.</summary>
public sealed class RuntimeSeccomp
{
    public string DefaultAction { get; set; } = "";

    /// <summary>Null is EPERM.</summary>
    public uint? DefaultErrnoRet { get; set; }

    /// <summary>Besides the machine's own.</summary>
    public List<string>? Architectures { get; set; }

    /// <summary><c>SECCOMP_FILTER_FLAG_LOG …</c>.</summary>
    public List<string>? Flags { get; set; }

    /// <summary>Unix socket that is sent the descriptor of SCMP_ACT_NOTIFY.</summary>
    public string? ListenerPath { get; set; }
    public string? ListenerMetadata { get; set; }
    public List<RuntimeSeccompRule>? Syscalls { get; set; }
}

/// <summary>One action for some system calls, when all of <see cref="Args"/> hold.</summary>
public sealed class RuntimeSeccompRule
{
    public List<string> Names { get; set; } = [];
    public string Action { get; set; } = "";
    public uint? ErrnoRet { get; set; }
    public List<RuntimeSeccompArgument>? Args { get; set; }
}

public sealed class RuntimeSeccompArgument
{
    /// <summary>0 to 5.</summary>
    public uint Index { get; set; }

    /// <summary>What is compared with; with SCMP_CMP_MASKED_EQ the mask, and <see cref="ValueTwo"/> is what is compared with.</summary>
    public ulong Value { get; set; }
    public ulong ValueTwo { get; set; }
    public string Op { get; set; } = "";
}
