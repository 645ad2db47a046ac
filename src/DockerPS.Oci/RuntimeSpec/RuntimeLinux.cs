using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>What only Linux has (config-linux.md).</summary>
public sealed class RuntimeLinux
{
    public List<RuntimeNamespace>? Namespaces { get; set; }
    public List<RuntimeIdMapping>? UidMappings { get; set; }
    public List<RuntimeIdMapping>? GidMappings { get; set; }

    /// <summary>By clock: <c>monotonic boottime</c>.</summary>
    public Dictionary<string, RuntimeTimeOffset>? TimeOffsets { get; set; }
    public List<RuntimeDevice>? Devices { get; set; }

    /// <summary>Interfaces to move into the container, by their name on the host.</summary>
    public Dictionary<string, RuntimeNetDevice>? NetDevices { get; set; }
    public string? CgroupsPath { get; set; }
    public RuntimeResources? Resources { get; set; }

    /// <summary><c>shared slave private unbindable</c>, each also with <c>r</c> before it.</summary>
    public string? RootfsPropagation { get; set; }

    /// <summary>As it stands; <see cref="RuntimeSeccompReader"/> makes it a <see cref="RuntimeSeccomp"/>.</summary>
    public JsonElement? Seccomp { get; set; }
    public Dictionary<string, string>? Sysctl { get; set; }
    public List<string>? MaskedPaths { get; set; }
    public List<string>? ReadonlyPaths { get; set; }
    public string? MountLabel { get; set; }
    public RuntimeIntelRdt? IntelRdt { get; set; }
    public RuntimeMemoryPolicy? MemoryPolicy { get; set; }
    public RuntimePersonality? Personality { get; set; }
}

public sealed class RuntimeNamespace
{
    /// <summary><c>pid network mount ipc uts user cgroup time</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>Join the namespace of this file instead of making a new one.</summary>
    public string? Path { get; set; }
}

/// <summary><see cref="Size"/> ids from <see cref="ContainerId"/> on are those from <see cref="HostId"/> on outside.</summary>
public sealed class RuntimeIdMapping
{
    [JsonPropertyName("containerID")] public uint ContainerId { get; set; }
    [JsonPropertyName("hostID")] public uint HostId { get; set; }
    public uint Size { get; set; }
}

/// <summary>Of a clock in a time namespace; both are added.</summary>
public sealed class RuntimeTimeOffset
{
    public long Secs { get; set; }
    public uint Nanosecs { get; set; }
}

public sealed class RuntimeDevice
{
    /// <summary><c>c b u p</c>.</summary>
    public string Type { get; set; } = "";
    public string Path { get; set; } = "";

    /// <summary>0 with <c>p</c>.</summary>
    public long Major { get; set; }
    public long Minor { get; set; }
    public uint? FileMode { get; set; }
    public uint? Uid { get; set; }
    public uint? Gid { get; set; }
}

public sealed class RuntimeNetDevice
{
    /// <summary>In the container, perhaps with <c>%d</c> for a number; null keeps the host's.</summary>
    public string? Name { get; set; }
}

/// <summary>Cache and memory bandwidth of Intel's processors, through resctrl.</summary>
public sealed class RuntimeIntelRdt
{
    [JsonPropertyName("closID")] public string? ClosId { get; set; }
    public List<string>? Schemata { get; set; }
    public string? L3CacheSchema { get; set; }
    public string? MemBwSchema { get; set; }
    public bool EnableMonitoring { get; set; }
}

/// <summary>set_mempolicy(2).</summary>
public sealed class RuntimeMemoryPolicy
{
    /// <summary><c>MPOL_DEFAULT MPOL_BIND MPOL_INTERLEAVE MPOL_WEIGHTED_INTERLEAVE MPOL_PREFERRED MPOL_PREFERRED_MANY MPOL_LOCAL</c>.</summary>
    public string Mode { get; set; } = "";

    /// <summary>A list as <c>0-3,7</c>.</summary>
    public string? Nodes { get; set; }

    /// <summary><c>MPOL_F_NUMA_BALANCING MPOL_F_RELATIVE_NODES MPOL_F_STATIC_NODES</c>.</summary>
    public List<string>? Flags { get; set; }
}

/// <summary>personality(2).</summary>
public sealed class RuntimePersonality
{
    /// <summary><c>LINUX LINUX32</c>.</summary>
    public string Domain { get; set; } = "";

    /// <summary>The specification names none yet.</summary>
    public List<string>? Flags { get; set; }
}
