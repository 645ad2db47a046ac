using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Reads config.json (OCI runtime-spec, config.md). Unknown members are passed over, as the specification asks.</summary>
public static class RuntimeConfigReader
{
    /// <exception cref="JsonException">Not JSON, or a member of the wrong type; its path is named.</exception>
    public static RuntimeConfig Read(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("$ must be an object", "$", null, null);
        var root = new JsonFields(document.RootElement, "$");
        return new RuntimeConfig
        {
            OciVersion = root.Text("ociVersion") ?? "",
            Process = root.TryObject("process", out JsonFields process) ? Process(process) : null,
            Root = root.TryObject("root", out JsonFields rootfs)
                ? new RuntimeRoot { Path = rootfs.Required("path"), Readonly = rootfs.Flag("readonly") }
                : null,
            Hostname = root.Text("hostname"),
            Domainname = root.Text("domainname"),
            Mounts = root.Objects("mounts", f => new RuntimeMount
            {
                Destination = f.Required("destination"),
                Type = f.Text("type"),
                Source = f.Text("source"),
                Options = f.Texts("options"),
            }),
            Hooks = root.TryObject("hooks", out JsonFields hooks) ? Hooks(hooks) : null,
            Annotations = root.Map("annotations"),
            Linux = root.TryObject("linux", out JsonFields linux) ? Linux(linux) : null,
        };
    }

    internal static RuntimeProcess Process(JsonFields f) => new()
    {
        Terminal = f.Flag("terminal"),
        ConsoleSize = f.TryObject("consoleSize", out JsonFields size)
            ? new ConsoleSize { Height = size.Small("height") ?? 0, Width = size.Small("width") ?? 0 }
            : null,
        User = f.TryObject("user", out JsonFields user) ? User(user) : new RuntimeUser(),
        Args = f.Texts("args"),
        Env = f.Texts("env"),
        Cwd = f.Text("cwd") ?? "/",
        Capabilities = f.TryObject("capabilities", out JsonFields sets)
            ? new RuntimeCapabilities
            {
                Bounding = sets.Texts("bounding"),
                Effective = sets.Texts("effective"),
                Inheritable = sets.Texts("inheritable"),
                Permitted = sets.Texts("permitted"),
                Ambient = sets.Texts("ambient"),
            }
            : null,
        Rlimits = f.Objects("rlimits", l => new RuntimeRlimit
        {
            Type = l.Required("type"),
            Soft = l.Unsigned("soft") ?? 0,
            Hard = l.Unsigned("hard") ?? 0,
        }),
        NoNewPrivileges = f.Flag("noNewPrivileges"),
        ApparmorProfile = f.Text("apparmorProfile"),
        SelinuxLabel = f.Text("selinuxLabel"),
        OomScoreAdj = (int?)f.Number("oomScoreAdj"),
    };

    private static RuntimeUser User(JsonFields f) => new()
    {
        Uid = f.Small("uid") ?? 0,
        Gid = f.Small("gid") ?? 0,
        Umask = f.Small("umask"),
        AdditionalGids = Numbers(f, "additionalGids"),
        Username = f.Text("username"),
    };

    private static List<uint>? Numbers(JsonFields f, string name)
    {
        if (!f.TryGet(name, out JsonElement member)) return null;
        string path = $"{f.Path}.{name}";
        if (member.ValueKind != JsonValueKind.Array) throw new JsonException($"{path} must be an array", path, null, null);
        var numbers = new List<uint>(member.GetArrayLength());
        foreach (JsonElement item in member.EnumerateArray())
        {
            numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetUInt32(out uint number)
                ? number
                : throw new JsonException($"{path} must hold numbers of 32 bits", path, null, null));
        }

        return numbers;
    }

    private static RuntimeHooks Hooks(JsonFields f) => new()
    {
        Prestart = f.Objects("prestart", Hook),
        CreateRuntime = f.Objects("createRuntime", Hook),
        CreateContainer = f.Objects("createContainer", Hook),
        StartContainer = f.Objects("startContainer", Hook),
        Poststart = f.Objects("poststart", Hook),
        Poststop = f.Objects("poststop", Hook),
    };

    private static RuntimeHook Hook(JsonFields f) => new()
    {
        Path = f.Required("path"),
        Args = f.Texts("args"),
        Env = f.Texts("env"),
        Timeout = (int?)f.Number("timeout"),
    };

    private static RuntimeLinux Linux(JsonFields f) => new()
    {
        Namespaces = f.Objects("namespaces", n => new RuntimeNamespace { Type = n.Required("type"), Path = n.Text("path") }),
        UidMappings = f.Objects("uidMappings", Mapping),
        GidMappings = f.Objects("gidMappings", Mapping),
        Devices = f.Objects("devices", d => new RuntimeDevice
        {
            Type = d.Required("type"),
            Path = d.Required("path"),
            Major = d.Number("major") ?? 0,
            Minor = d.Number("minor") ?? 0,
            FileMode = d.Small("fileMode"),
            Uid = d.Small("uid"),
            Gid = d.Small("gid"),
        }),
        CgroupsPath = f.Text("cgroupsPath"),
        Resources = f.TryObject("resources", out JsonFields resources) ? RuntimeResourcesReader.Read(resources) : null,
        RootfsPropagation = f.Text("rootfsPropagation"),
        Sysctl = f.Map("sysctl"),
        MaskedPaths = f.Texts("maskedPaths"),
        ReadonlyPaths = f.Texts("readonlyPaths"),
        MountLabel = f.Text("mountLabel"),
        Seccomp = f.TryGet("seccomp", out JsonElement seccomp) ? seccomp.Clone() : null,
    };

    private static RuntimeIdMapping Mapping(JsonFields f) => new()
    {
        ContainerId = f.Small("containerID") ?? 0,
        HostId = f.Small("hostID") ?? 0,
        Size = f.Small("size") ?? 0,
    };
}
