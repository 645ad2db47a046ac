using System.Text.Json.Serialization;

namespace DockerPS.Oci.Docker;

/// <summary>One image in manifest.json of a <c>docker save</c> archive.</summary>
public sealed class DockerArchiveImage
{
    /// <summary>Name of the config's file in the archive.</summary>
    [JsonPropertyName("Config")] public string? Config { get; set; }

    [JsonPropertyName("RepoTags")] public List<string>? RepoTags { get; set; }

    /// <summary>Names of the layers' files, lowest first.</summary>
    [JsonPropertyName("Layers")] public List<string>? Layers { get; set; }
}
