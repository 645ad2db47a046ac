using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Reads linux of config.json (config-linux.md).</summary>
internal static class RuntimeLinuxReader
{
    public static RuntimeLinux Read(JsonFields f) => new()
    {
        Namespaces = f.Objects("namespaces", n => new RuntimeNamespace { Type = n.Required("type"), Path = n.Text("path") }),
        UidMappings = f.Objects("uidMappings", Mapping),
        GidMappings = f.Objects("gidMappings", Mapping),
        TimeOffsets = f.ObjectMap(
            "timeOffsets",
            t => new RuntimeTimeOffset { Secs = t.Number("secs") ?? 0, Nanosecs = t.Small("nanosecs") ?? 0 }),
        Devices = f.Objects("devices", Device),
        NetDevices = f.ObjectMap("netDevices", d => new RuntimeNetDevice { Name = d.Text("name") }),
        CgroupsPath = f.Text("cgroupsPath"),
        Resources = f.TryObject("resources", out JsonFields resources) ? RuntimeResourcesReader.Read(resources) : null,
        RootfsPropagation = f.Text("rootfsPropagation"),
        Seccomp = f.TryObject("seccomp", out JsonFields seccomp) ? seccomp.Element.Clone() : null,
        Sysctl = f.Map("sysctl"),
        MaskedPaths = f.Texts("maskedPaths"),
        ReadonlyPaths = f.Texts("readonlyPaths"),
        MountLabel = f.Text("mountLabel"),
        IntelRdt = f.TryObject("intelRdt", out JsonFields rdt) ? IntelRdt(rdt) : null,
        MemoryPolicy = f.TryObject("memoryPolicy", out JsonFields policy)
            ? new RuntimeMemoryPolicy { Mode = policy.Required("mode"), Nodes = policy.Text("nodes"), Flags = policy.Texts("flags") }
            : null,
        Personality = f.TryObject("personality", out JsonFields personality)
            ? new RuntimePersonality { Domain = personality.Required("domain"), Flags = personality.Texts("flags") }
            : null,
    };

    public static RuntimeIdMapping Mapping(JsonFields f) => new()
    {
        ContainerId = f.RequiredSmall("containerID"),
        HostId = f.RequiredSmall("hostID"),
        Size = f.RequiredSmall("size"),
    };

    private static RuntimeDevice Device(JsonFields f)
    {
        string type = f.Required("type");
        return new RuntimeDevice
        {
            Type = type,
            Path = f.Required("path"),
            Major = (type == "p" ? f.Number("major") : f.RequiredNumber("major")) ?? 0,
            Minor = (type == "p" ? f.Number("minor") : f.RequiredNumber("minor")) ?? 0,
            FileMode = f.Small("fileMode"),
            Uid = f.Small("uid"),
            Gid = f.Small("gid"),
        };
    }

    private static RuntimeIntelRdt IntelRdt(JsonFields f) => new()
    {
        ClosId = f.Text("closID"),
        Schemata = f.Texts("schemata"),
        L3CacheSchema = f.Text("l3CacheSchema"),
        MemBwSchema = f.Text("memBwSchema"),
        EnableMonitoring = f.Flag("enableMonitoring"),
    };
}
