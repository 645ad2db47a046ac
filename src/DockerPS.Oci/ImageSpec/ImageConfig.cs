using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerPS.Oci.ImageSpec;

/// <summary>An image's config (OCI image-spec, config.md). Its digest is the image's id.</summary>
public sealed class ImageConfig
{
    /// <summary>RFC 3339 as it was written; not every tool's is readable as a time.</summary>
    public string? Created { get; set; }
    public string? Author { get; set; }
    public string Architecture { get; set; } = "";
    public string Os { get; set; } = "";
    public string? Variant { get; set; }
    public ImageExecution? Config { get; set; }
    public RootFileSystem? Rootfs { get; set; }
    public List<HistoryEntry>? History { get; set; }

    /// <summary>What else a tool wrote: it is kept when the config is written anew.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>What containers of it run. Keys are capitalised in the specification.</summary>
public sealed class ImageExecution
{
    [JsonPropertyName("User")] public string? User { get; set; }
    [JsonPropertyName("ExposedPorts")] public SortedDictionary<string, EmptyObject>? ExposedPorts { get; set; }
    [JsonPropertyName("Env")] public List<string>? Env { get; set; }
    [JsonPropertyName("Entrypoint")] public List<string>? Entrypoint { get; set; }
    [JsonPropertyName("Cmd")] public List<string>? Cmd { get; set; }
    [JsonPropertyName("Volumes")] public SortedDictionary<string, EmptyObject>? Volumes { get; set; }
    [JsonPropertyName("WorkingDir")] public string? WorkingDir { get; set; }
    [JsonPropertyName("Labels")] public SortedDictionary<string, string>? Labels { get; set; }
    [JsonPropertyName("StopSignal")] public string? StopSignal { get; set; }

    /// <summary>Docker's, for builds upon the image.</summary>
    [JsonPropertyName("OnBuild")] public List<string>? OnBuild { get; set; }

    /// <summary>Docker's health check, shell and whatever else: kept as <see cref="ImageConfig.Others"/>.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>The value of a set's entries: <c>{}</c>.</summary>
public sealed class EmptyObject;

public sealed class RootFileSystem
{
    public string Type { get; set; } = "layers";

    [JsonPropertyName("diff_ids")] public List<string>? DiffIds { get; set; }
}

public sealed class HistoryEntry
{
    public string? Created { get; set; }
    [JsonPropertyName("created_by")] public string? CreatedBy { get; set; }
    public string? Author { get; set; }
    public string? Comment { get; set; }
    [JsonPropertyName("empty_layer")] public bool? EmptyLayer { get; set; }
}
