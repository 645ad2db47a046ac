using System.Text.Json.Serialization;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>The container's process, or a further one (config.md, "Process").</summary>
public sealed class RuntimeProcess
{
    public bool Terminal { get; set; }

    /// <summary>Ignored without <see cref="Terminal"/>.</summary>
    public ConsoleSize? ConsoleSize { get; set; }
    public RuntimeUser User { get; set; } = new();
    public List<string>? Args { get; set; }
    public List<string>? Env { get; set; }
    public string Cwd { get; set; } = "/";
    public RuntimeCapabilities? Capabilities { get; set; }
    public List<RuntimeRlimit>? Rlimits { get; set; }
    public bool NoNewPrivileges { get; set; }
    public string? ApparmorProfile { get; set; }
    public string? SelinuxLabel { get; set; }

    /// <summary>-1000 to 1000.</summary>
    public int? OomScoreAdj { get; set; }
    public RuntimeScheduler? Scheduler { get; set; }
    public RuntimeIoPriority? IoPriority { get; set; }

    /// <summary>Of processes that are executed in the running container.</summary>
    [JsonPropertyName("execCPUAffinity")] public RuntimeCpuAffinity? ExecCpuAffinity { get; set; }
}

/// <summary>Characters.</summary>
public sealed class ConsoleSize
{
    public uint Height { get; set; }
    public uint Width { get; set; }
}

public sealed class RuntimeUser
{
    public uint Uid { get; set; }
    public uint Gid { get; set; }
    public uint? Umask { get; set; }
    public List<uint>? AdditionalGids { get; set; }

    /// <summary>For Windows alone.</summary>
    public string? Username { get; set; }
}

/// <summary>Names as <c>CAP_NET_ADMIN</c>; a set that is absent is empty.</summary>
public sealed class RuntimeCapabilities
{
    public List<string>? Bounding { get; set; }
    public List<string>? Effective { get; set; }
    public List<string>? Inheritable { get; set; }
    public List<string>? Permitted { get; set; }
    public List<string>? Ambient { get; set; }
}

public sealed class RuntimeRlimit
{
    /// <summary><c>RLIMIT_NOFILE</c>.</summary>
    public string Type { get; set; } = "";
    public ulong Soft { get; set; }
    public ulong Hard { get; set; }
}

/// <summary>sched_setattr(2).</summary>
public sealed class RuntimeScheduler
{
    /// <summary><c>SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE</c>.</summary>
    public string Policy { get; set; } = "";

    /// <summary>-20 to 19, for SCHED_OTHER and SCHED_BATCH.</summary>
    public int? Nice { get; set; }

    /// <summary>1 to 99, for SCHED_FIFO and SCHED_RR.</summary>
    public int? Priority { get; set; }

    /// <summary><c>SCHED_FLAG_RESET_ON_FORK …</c>.</summary>
    public List<string>? Flags { get; set; }

    /// <summary>Nanoseconds, as the two below: for SCHED_DEADLINE.</summary>
    public ulong? Runtime { get; set; }
    public ulong? Deadline { get; set; }
    public ulong? Period { get; set; }
}

/// <summary>ioprio_set(2).</summary>
public sealed class RuntimeIoPriority
{
    /// <summary><c>IOPRIO_CLASS_RT IOPRIO_CLASS_BE IOPRIO_CLASS_IDLE</c>.</summary>
    public string Class { get; set; } = "";

    /// <summary>0 (highest) to 7.</summary>
    public int Priority { get; set; }
}

/// <summary>Lists as <c>0-3,7</c>.</summary>
public sealed class RuntimeCpuAffinity
{
    /// <summary>While the runtime enters the container.</summary>
    public string? Initial { get; set; }

    /// <summary>Of the program.</summary>
    public string? Final { get; set; }
}
