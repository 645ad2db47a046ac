using System.Text.Json.Serialization;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>config.json of a bundle (OCI runtime-spec 1.3, config.md and config-linux.md); null is what the file does not say.</summary>
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

    /// <summary>Which of <c>freebsd solaris vm windows zos</c> the file has.</summary>
    [JsonIgnore] public List<string>? OtherPlatforms { get; set; }
}

public sealed class RuntimeRoot
{
    /// <summary>Absolute, or relative to the bundle.</summary>
    public string Path { get; set; } = "";
    public bool Readonly { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RuntimeConfig))]
[JsonSerializable(typeof(RuntimeProcess))]
[JsonSerializable(typeof(RuntimeSeccomp))]
public sealed partial class RuntimeConfigJson : JsonSerializerContext;
