using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Reads linux.resources of config.json (config-linux.md, "Control groups").</summary>
internal static class RuntimeResourcesReader
{
    public static RuntimeResources Read(JsonFields f) => new()
    {
        Devices = f.Objects("devices", d => new RuntimeDeviceRule
        {
            Allow = d.Flag("allow"),
            Type = d.Text("type"),
            Major = d.Number("major"),
            Minor = d.Number("minor"),
            Access = d.Text("access"),
        }),
        Memory = f.TryObject("memory", out JsonFields memory) ? Memory(memory) : null,
        Cpu = f.TryObject("cpu", out JsonFields cpu) ? Cpu(cpu) : null,
        Pids = f.TryObject("pids", out JsonFields pids) ? new RuntimePids { Limit = pids.Number("limit") ?? 0 } : null,
        BlockIo = f.TryObject("blockIO", out JsonFields block) ? BlockIo(block) : null,
        HugepageLimits = f.Objects(
            "hugepageLimits",
            h => new RuntimeHugepageLimit { PageSize = h.Required("pageSize"), Limit = h.Unsigned("limit") ?? 0 }),
        Unified = f.Map("unified"),
    };

    private static RuntimeMemory Memory(JsonFields f) => new()
    {
        Limit = f.Number("limit"),
        Reservation = f.Number("reservation"),
        Swap = f.Number("swap"),
        Kernel = f.Number("kernel"),
        KernelTcp = f.Number("kernelTCP"),
        Swappiness = f.Unsigned("swappiness"),
        DisableOomKiller = f.OptionalFlag("disableOOMKiller"),
        UseHierarchy = f.OptionalFlag("useHierarchy"),
    };

    private static RuntimeCpu Cpu(JsonFields f) => new()
    {
        Shares = f.Unsigned("shares"),
        Quota = f.Number("quota"),
        Period = f.Unsigned("period"),
        Burst = f.Unsigned("burst"),
        RealtimeRuntime = f.Number("realtimeRuntime"),
        RealtimePeriod = f.Unsigned("realtimePeriod"),
        Cpus = f.Text("cpus"),
        Mems = f.Text("mems"),
        Idle = f.Number("idle"),
    };

    private static RuntimeBlockIo BlockIo(JsonFields f) => new()
    {
        Weight = Weight(f, "weight"),
        LeafWeight = Weight(f, "leafWeight"),
        ThrottleReadBpsDevice = f.Objects("throttleReadBpsDevice", Throttle),
        ThrottleWriteBpsDevice = f.Objects("throttleWriteBpsDevice", Throttle),
        ThrottleReadIopsDevice = f.Objects("throttleReadIOPSDevice", Throttle),
        ThrottleWriteIopsDevice = f.Objects("throttleWriteIOPSDevice", Throttle),
    };

    private static ushort? Weight(JsonFields f, string name)
    {
        if (f.Unsigned(name) is not { } value) return null;
        string path = $"{f.Path}.{name}";
        return value <= ushort.MaxValue ? (ushort)value : throw new JsonException($"{path} must be a number of 16 bits", path, null, null);
    }

    private static RuntimeThrottle Throttle(JsonFields f) => new()
    {
        Major = f.Number("major") ?? 0,
        Minor = f.Number("minor") ?? 0,
        Rate = f.Unsigned("rate") ?? 0,
    };
}
