using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Reads linux.resources of config.json (config-linux.md, "Control groups"), or a file that holds such an object.</summary>
public static class RuntimeResourcesReader
{
    /// <exception cref="JsonException">Not JSON, or a member is missing or of the wrong type; its path is named.</exception>
    public static RuntimeResources Read(ReadOnlyMemory<byte> json) => JsonFields.Document(json, Read);

    internal static RuntimeResources Read(JsonFields f) => new()
    {
        Devices = f.Objects("devices", d => new RuntimeDeviceRule
        {
            Allow = d.OptionalFlag("allow") ?? throw d.Missing("allow"),
            Type = d.Text("type"),
            Major = d.Number("major"),
            Minor = d.Number("minor"),
            Access = d.Text("access"),
        }),
        Memory = f.TryObject("memory", out JsonFields memory) ? Memory(memory) : null,
        Cpu = f.TryObject("cpu", out JsonFields cpu) ? Cpu(cpu) : null,
        Pids = f.TryObject("pids", out JsonFields pids) ? new RuntimePids { Limit = pids.Number("limit") } : null,
        BlockIo = f.TryObject("blockIO", out JsonFields block) ? BlockIo(block) : null,
        HugepageLimits = f.Objects(
            "hugepageLimits",
            h => new RuntimeHugepageLimit { PageSize = h.Required("pageSize"), Limit = h.RequiredUnsigned("limit") }),
        Network = f.TryObject("network", out JsonFields network) ? Network(network) : null,
        Rdma = f.ObjectMap(
            "rdma",
            r => new RuntimeRdma { HcaHandles = r.Small("hcaHandles"), HcaObjects = r.Small("hcaObjects") }),
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
        CheckBeforeUpdate = f.OptionalFlag("checkBeforeUpdate"),
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
        Weight = f.Short("weight"),
        LeafWeight = f.Short("leafWeight"),
        WeightDevice = f.Objects("weightDevice", d => new RuntimeWeightDevice
        {
            Major = d.RequiredNumber("major"),
            Minor = d.RequiredNumber("minor"),
            Weight = d.Short("weight"),
            LeafWeight = d.Short("leafWeight"),
        }),
        ThrottleReadBpsDevice = f.Objects("throttleReadBpsDevice", Throttle),
        ThrottleWriteBpsDevice = f.Objects("throttleWriteBpsDevice", Throttle),
        ThrottleReadIopsDevice = f.Objects("throttleReadIOPSDevice", Throttle),
        ThrottleWriteIopsDevice = f.Objects("throttleWriteIOPSDevice", Throttle),
    };

    private static RuntimeThrottle Throttle(JsonFields f) => new()
    {
        Major = f.RequiredNumber("major"),
        Minor = f.RequiredNumber("minor"),
        Rate = f.RequiredUnsigned("rate"),
    };

    private static RuntimeNetwork Network(JsonFields f) => new()
    {
        ClassId = f.Small("classID"),
        Priorities = f.Objects(
            "priorities",
            p => new RuntimeInterfacePriority { Name = p.Required("name"), Priority = p.RequiredSmall("priority") }),
    };
}
