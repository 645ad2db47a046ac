using System.Text.Json.Serialization;
using Tomlyn.Serialization;

namespace DockerPS.Engine.Registry.Configuration;

/// <summary>A file <c>registries.conf</c> of version 2 (containers-registries.conf(5)): what it says about registries; the rest is podman's.</summary>
internal sealed class RegistriesFile
{
    [JsonPropertyName("registry")] public List<RegistryTable>? Registries { get; set; }
}

/// <summary>A table <c>[[registry]]</c>.</summary>
internal sealed class RegistryTable
{
    /// <summary>Names that begin with it are meant; <c>*.example.com</c> means all hosts below. The location when it is not there.</summary>
    [JsonPropertyName("prefix")] public string? Prefix { get; set; }

    /// <summary>Where these names really are.</summary>
    [JsonPropertyName("location")] public string? Location { get; set; }

    [JsonPropertyName("insecure")] public bool Insecure { get; set; }
    [JsonPropertyName("blocked")] public bool Blocked { get; set; }
    [JsonPropertyName("mirror-by-digest-only")] public bool MirrorByDigestOnly { get; set; }
    [JsonPropertyName("mirror")] public List<MirrorTable>? Mirrors { get; set; }
}

/// <summary>A table <c>[[registry.mirror]]</c>.</summary>
internal sealed class MirrorTable
{
    [JsonPropertyName("location")] public string? Location { get; set; }
    [JsonPropertyName("insecure")] public bool Insecure { get; set; }

    /// <summary><c>all</c>, <c>digest-only</c> or <c>tag-only</c>.</summary>
    [JsonPropertyName("pull-from-mirror")] public string? PullFromMirror { get; set; }
}

[TomlSerializable(typeof(RegistriesFile))]
internal sealed partial class RegistriesToml : TomlSerializerContext;
