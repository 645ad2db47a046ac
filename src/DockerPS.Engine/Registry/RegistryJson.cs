using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerPS.Engine.Registry;

/// <summary>A registry's error (OCI distribution-spec, error codes).</summary>
internal sealed class ErrorAnswer
{
    public List<ErrorItem>? Errors { get; set; }

    internal sealed class ErrorItem
    {
        public string? Code { get; set; }
        public string? Message { get; set; }
        public JsonElement Detail { get; set; }
    }
}

/// <summary>A token server's answer.</summary>
internal sealed class TokenAnswer
{
    public string? Token { get; set; }
    [JsonPropertyName("access_token")] public string? AccessToken { get; set; }
    [JsonPropertyName("refresh_token")] public string? RefreshToken { get; set; }
    [JsonPropertyName("expires_in")] public double? ExpiresIn { get; set; }
}

/// <summary>A page of a repository's tags.</summary>
internal sealed class TagsAnswer
{
    public string? Name { get; set; }
    public List<string>? Tags { get; set; }
}

/// <summary>A page of a registry's repositories.</summary>
internal sealed class CatalogueAnswer
{
    public List<string>? Repositories { get; set; }
}

/// <summary>What Docker Hub's search API found.</summary>
internal sealed class SearchAnswer
{
    public List<SearchItem>? Results { get; set; }

    internal sealed class SearchItem
    {
        public string? Name { get; set; }
        public string? Description { get; set; }
        [JsonPropertyName("star_count")] public int StarCount { get; set; }
        [JsonPropertyName("is_official")] public bool IsOfficial { get; set; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(TagsAnswer))]
[JsonSerializable(typeof(CatalogueAnswer))]
[JsonSerializable(typeof(SearchAnswer))]
internal sealed partial class RegistryJson : JsonSerializerContext;
