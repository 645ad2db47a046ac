using DockerPS.Oci.Seccomp;

namespace DockerPS.Engine.Containers;

/// <summary>What of this machine shapes a bundle; read once by each engine.</summary>
internal sealed record HostFacts
{
    public required ulong BoundingCapabilities { get; init; }
    public required IReadOnlyList<string> Limits { get; init; }
    public required string HostName { get; init; }

    /// <summary><c>v1</c>, <c>hybrid</c> or <c>v2</c>.</summary>
    public required string CgroupVersion { get; init; }

    /// <summary>The kernel counts swap.</summary>
    public required bool SwapAccounting { get; init; }

    /// <summary>Counters of each CPU through which one container could watch the others' load.</summary>
    public IReadOnlyList<string> ThermalThrottlePaths { get; init; } = [];

    /// <summary>What seccomp profiles ask about.</summary>
    public SeccompHost Seccomp { get; init; } = SeccompOption.Host();

    public static HostFacts Read()
    {
        string cgroup = Directory.Exists("/sys/fs/cgroup/unified") ? "hybrid"
            : File.Exists("/sys/fs/cgroup/cgroup.controllers") ? "v2"
            : "v1";
        return new HostFacts
        {
            BoundingCapabilities = Capabilities.HostBounding(),
            Limits = File.ReadAllLines("/proc/self/limits"),
            HostName = Environment.MachineName,
            CgroupVersion = cgroup,
            ThermalThrottlePaths =
            [
                .. Enumerable.Range(0, Environment.ProcessorCount)
                    .Select(n => $"/sys/devices/system/cpu/cpu{n}/thermal_throttle").Where(Directory.Exists),
            ],
            SwapAccounting = cgroup == "v2"
                ? File.Exists("/proc/swaps")
                : File.Exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
        };
    }
}
