using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>config.json of a bundle (OCI runtime-spec 1.2, config.md and config-linux.md).</summary>
public sealed class RuntimeConfig
{
    public string OciVersion { get; set; } = "1.2.0";
    public RuntimeProcess? Process { get; set; }
    public RuntimeRoot? Root { get; set; }
    public string? Hostname { get; set; }
    public string? Domainname { get; set; }
    public List<RuntimeMount>? Mounts { get; set; }
    public RuntimeHooks? Hooks { get; set; }
    public Dictionary<string, string>? Annotations { get; set; }
    public RuntimeLinux? Linux { get; set; }
}

public sealed class RuntimeProcess
{
    public bool Terminal { get; set; }
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
    public int? OomScoreAdj { get; set; }
}

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
    public string? Username { get; set; }
}

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

public sealed class RuntimeRoot
{
    /// <summary>Absolute, or relative to the bundle.</summary>
    public string Path { get; set; } = "";
    public bool Readonly { get; set; }
}

public sealed class RuntimeMount
{
    public string Destination { get; set; } = "";
    public string? Type { get; set; }
    public string? Source { get; set; }
    public List<string>? Options { get; set; }
}

public sealed class RuntimeHooks
{
    public List<RuntimeHook>? Prestart { get; set; }
    public List<RuntimeHook>? CreateRuntime { get; set; }
    public List<RuntimeHook>? CreateContainer { get; set; }
    public List<RuntimeHook>? StartContainer { get; set; }
    public List<RuntimeHook>? Poststart { get; set; }
    public List<RuntimeHook>? Poststop { get; set; }
}

public sealed class RuntimeHook
{
    public string Path { get; set; } = "";
    public List<string>? Args { get; set; }
    public List<string>? Env { get; set; }
    public int? Timeout { get; set; }
}

public sealed class RuntimeLinux
{
    public List<RuntimeNamespace>? Namespaces { get; set; }
    public List<RuntimeIdMapping>? UidMappings { get; set; }
    public List<RuntimeIdMapping>? GidMappings { get; set; }
    public List<RuntimeDevice>? Devices { get; set; }
    public string? CgroupsPath { get; set; }
    public RuntimeResources? Resources { get; set; }
    public string? RootfsPropagation { get; set; }
    public Dictionary<string, string>? Sysctl { get; set; }
    public List<string>? MaskedPaths { get; set; }
    public List<string>? ReadonlyPaths { get; set; }
    public string? MountLabel { get; set; }

    /// <summary>Read by the runtime once seccomp is there.</summary>
    public JsonElement? Seccomp { get; set; }
}

public sealed class RuntimeNamespace
{
    /// <summary><c>pid network mount ipc uts user cgroup time</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>Join the namespace of this file instead of making a new one.</summary>
    public string? Path { get; set; }
}

public sealed class RuntimeIdMapping
{
    [JsonPropertyName("containerID")] public uint ContainerId { get; set; }
    [JsonPropertyName("hostID")] public uint HostId { get; set; }
    public uint Size { get; set; }
}

public sealed class RuntimeDevice
{
    /// <summary><c>c b u p</c>.</summary>
    public string Type { get; set; } = "";
    public string Path { get; set; } = "";
    public long Major { get; set; }
    public long Minor { get; set; }
    public uint? FileMode { get; set; }
    public uint? Uid { get; set; }
    public uint? Gid { get; set; }
}

public sealed class RuntimeResources
{
    public List<RuntimeDeviceRule>? Devices { get; set; }
    public RuntimeMemory? Memory { get; set; }
    public RuntimeCpu? Cpu { get; set; }
    public RuntimePids? Pids { get; set; }
    [JsonPropertyName("blockIO")] public RuntimeBlockIo? BlockIo { get; set; }
    public List<RuntimeHugepageLimit>? HugepageLimits { get; set; }
    public Dictionary<string, string>? Unified { get; set; }
}

public sealed class RuntimeDeviceRule
{
    public bool Allow { get; set; }
    public string? Type { get; set; }
    public long? Major { get; set; }
    public long? Minor { get; set; }
    public string? Access { get; set; }
}

/// <summary>Bytes; -1 is unlimited.</summary>
public sealed class RuntimeMemory
{
    public long? Limit { get; set; }
    public long? Reservation { get; set; }
    public long? Swap { get; set; }
    public long? Kernel { get; set; }
    [JsonPropertyName("kernelTCP")] public long? KernelTcp { get; set; }
    public ulong? Swappiness { get; set; }
    [JsonPropertyName("disableOOMKiller")] public bool? DisableOomKiller { get; set; }
    public bool? UseHierarchy { get; set; }
}

public sealed class RuntimeCpu
{
    public ulong? Shares { get; set; }

    /// <summary>Microseconds in each period.</summary>
    public long? Quota { get; set; }
    public ulong? Period { get; set; }
    public ulong? Burst { get; set; }
    public long? RealtimeRuntime { get; set; }
    public ulong? RealtimePeriod { get; set; }
    public string? Cpus { get; set; }
    public string? Mems { get; set; }
    public long? Idle { get; set; }
}

public sealed class RuntimePids
{
    public long Limit { get; set; }
}

public sealed class RuntimeBlockIo
{
    public ushort? Weight { get; set; }
    public ushort? LeafWeight { get; set; }
    public List<RuntimeThrottle>? ThrottleReadBpsDevice { get; set; }
    public List<RuntimeThrottle>? ThrottleWriteBpsDevice { get; set; }
    [JsonPropertyName("throttleReadIOPSDevice")] public List<RuntimeThrottle>? ThrottleReadIopsDevice { get; set; }
    [JsonPropertyName("throttleWriteIOPSDevice")] public List<RuntimeThrottle>? ThrottleWriteIopsDevice { get; set; }
}

public sealed class RuntimeThrottle
{
    public long Major { get; set; }
    public long Minor { get; set; }
    public ulong Rate { get; set; }
}

public sealed class RuntimeHugepageLimit
{
    public string PageSize { get; set; } = "";
    public ulong Limit { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RuntimeConfig))]
[JsonSerializable(typeof(RuntimeProcess))]
public sealed partial class RuntimeConfigJson : JsonSerializerContext;
