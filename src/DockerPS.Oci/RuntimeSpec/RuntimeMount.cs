namespace DockerPS.Oci.RuntimeSpec;

/// <summary>A mount in the container (config.md, "Mounts").</summary>
public sealed class RuntimeMount
{
    public string Destination { get; set; } = "";
    public string? Type { get; set; }
    public string? Source { get; set; }
    public List<string>? Options { get; set; }

    /// <summary>Owners are shown through these (an idmapped mount); both or none.</summary>
    public List<RuntimeIdMapping>? UidMappings { get; set; }
    public List<RuntimeIdMapping>? GidMappings { get; set; }
}
