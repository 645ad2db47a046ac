using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Reads config.json (OCI runtime-spec, config.md). Unknown members are passed over, as the specification asks.</summary>
public static class RuntimeConfigReader
{
    /// <exception cref="JsonException">Not JSON, or a member is missing or of the wrong type; its path is named.</exception>
    public static RuntimeConfig Read(ReadOnlyMemory<byte> json) => JsonFields.Document(json, Config);

    /// <summary>Reads the process object alone, as <c>exec --process</c> takes it.</summary>
    /// <exception cref="JsonException">As of <see cref="Read"/>.</exception>
    public static RuntimeProcess ReadProcess(ReadOnlyMemory<byte> json) => JsonFields.Document(json, RuntimeProcessReader.Read);

    private static RuntimeConfig Config(JsonFields f) => new()
    {
        OciVersion = f.Text("ociVersion") ?? "",
        Process = f.TryObject("process", out JsonFields process) ? RuntimeProcessReader.Read(process) : null,
        Root = f.TryObject("root", out JsonFields rootfs)
            ? new RuntimeRoot { Path = rootfs.Required("path"), Readonly = rootfs.Flag("readonly") }
            : null,
        Hostname = f.Text("hostname"),
        Domainname = f.Text("domainname"),
        Mounts = f.Objects("mounts", Mount),
        Hooks = f.TryObject("hooks", out JsonFields hooks) ? Hooks(hooks) : null,
        Annotations = f.Map("annotations"),
        Linux = f.TryObject("linux", out JsonFields linux) ? RuntimeLinuxReader.Read(linux) : null,
        OtherPlatforms = OtherPlatforms(f),
    };

    private static List<string>? OtherPlatforms(JsonFields f)
    {
        List<string>? found = null;
        foreach (string platform in (ReadOnlySpan<string>)["freebsd", "solaris", "vm", "windows", "zos"])
        {
            if (f.TryObject(platform, out _)) (found ??= []).Add(platform);
        }

        return found;
    }

    private static RuntimeMount Mount(JsonFields f) => new()
    {
        Destination = f.Required("destination"),
        Type = f.Text("type"),
        Source = f.Text("source"),
        Options = f.Texts("options"),
        UidMappings = f.Objects("uidMappings", RuntimeLinuxReader.Mapping),
        GidMappings = f.Objects("gidMappings", RuntimeLinuxReader.Mapping),
    };

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
        Timeout = f.Integer("timeout"),
    };
}
