using System.Text.Json.Serialization;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>What the container's cgroup allows (config-linux.md, "Control groups"). Also the input of <c>update --resources</c>.</summary>
public sealed class RuntimeResources
{
    public List<RuntimeDeviceRule>? Devices { get; set; }
    public RuntimeMemory? Memory { get; set; }
    public RuntimeCpu? Cpu { get; set; }
    public RuntimePids? Pids { get; set; }
    [JsonPropertyName("blockIO")] public RuntimeBlockIo? BlockIo { get; set; }
    public List<RuntimeHugepageLimit>? HugepageLimits { get; set; }
    public RuntimeNetwork? Network { get; set; }

    /// <summary>By device.</summary>
    public Dictionary<string, RuntimeRdma>? Rdma { get; set; }

    /// <summary>Files of version 2 of cgroups and what to write into them.</summary>
    public Dictionary<string, string>? Unified { get; set; }
}

public sealed class RuntimeDeviceRule
{
    public bool Allow { get; set; }

    /// <summary><c>a c b</c>; null is <c>a</c>.</summary>
    public string? Type { get; set; }

    /// <summary>Null or -1 is any.</summary>
    public long? Major { get; set; }
    public long? Minor { get; set; }

    /// <summary>Letters of <c>rwm</c>.</summary>
    public string? Access { get; set; }
}

/// <summary>Bytes; -1 is unlimited.</summary>
public sealed class RuntimeMemory
{
    public long? Limit { get; set; }
    public long? Reservation { get; set; }

    /// <summary>Memory and swap together.</summary>
    public long? Swap { get; set; }
    public long? Kernel { get; set; }
    [JsonPropertyName("kernelTCP")] public long? KernelTcp { get; set; }
    public ulong? Swappiness { get; set; }
    [JsonPropertyName("disableOOMKiller")] public bool? DisableOomKiller { get; set; }
    public bool? UseHierarchy { get; set; }

    /// <summary>Refuse a limit that is below what is used now.</summary>
    public bool? CheckBeforeUpdate { get; set; }
}

/// <summary>Times are microseconds.</summary>
public sealed class RuntimeCpu
{
    public ulong? Shares { get; set; }

    /// <summary>In each period.</summary>
    public long? Quota { get; set; }
    public ulong? Period { get; set; }
    public ulong? Burst { get; set; }
    public long? RealtimeRuntime { get; set; }
    public ulong? RealtimePeriod { get; set; }
    public string? Cpus { get; set; }
    public string? Mems { get; set; }

    /// <summary>1 lets the cgroup run when nothing else does.</summary>
    public long? Idle { get; set; }
}

public sealed class RuntimePids
{
    /// <summary>-1 is unlimited.</summary>
    public long? Limit { get; set; }
}

public sealed class RuntimeBlockIo
{
    /// <summary>10 to 1000.</summary>
    public ushort? Weight { get; set; }
    public ushort? LeafWeight { get; set; }
    public List<RuntimeWeightDevice>? WeightDevice { get; set; }
    public List<RuntimeThrottle>? ThrottleReadBpsDevice { get; set; }
    public List<RuntimeThrottle>? ThrottleWriteBpsDevice { get; set; }
    [JsonPropertyName("throttleReadIOPSDevice")] public List<RuntimeThrottle>? ThrottleReadIopsDevice { get; set; }
    [JsonPropertyName("throttleWriteIOPSDevice")] public List<RuntimeThrottle>? ThrottleWriteIopsDevice { get; set; }
}

public sealed class RuntimeWeightDevice
{
    public long Major { get; set; }
    public long Minor { get; set; }
    public ushort? Weight { get; set; }
    public ushort? LeafWeight { get; set; }
}

public sealed class RuntimeThrottle
{
    public long Major { get; set; }
    public long Minor { get; set; }

    /// <summary>Bytes or operations a second.</summary>
    public ulong Rate { get; set; }
}

public sealed class RuntimeHugepageLimit
{
    /// <summary><c>2MB</c>.</summary>
    public string PageSize { get; set; } = "";

    /// <summary>Bytes.</summary>
    public ulong Limit { get; set; }
}

/// <summary>Version 1's net_cls and net_prio.</summary>
public sealed class RuntimeNetwork
{
    [JsonPropertyName("classID")] public uint? ClassId { get; set; }
    public List<RuntimeInterfacePriority>? Priorities { get; set; }
}

public sealed class RuntimeInterfacePriority
{
    public string Name { get; set; } = "";
    public uint Priority { get; set; }
}

public sealed class RuntimeRdma
{
    public uint? HcaHandles { get; set; }
    public uint? HcaObjects { get; set; }
}
