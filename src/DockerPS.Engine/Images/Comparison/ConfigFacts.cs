using System.Text.Json;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images.Comparison;

/// <summary>An image's config as one fact a line, in an order that reads well.</summary>
internal static class ConfigFacts
{
    public static IEnumerable<KeyValuePair<string, string>> Of(ImageConfig config)
    {
        ImageExecution execution = config.Config ?? new ImageExecution();
        return Single(config, execution).Concat(Lists(execution)).Where(fact => fact.Value is not null)
            .Select(fact => KeyValuePair.Create(fact.Key, fact.Value!)).DistinctBy(fact => fact.Key);
    }

    private static IEnumerable<(string Key, string? Value)> Single(ImageConfig config, ImageExecution execution) =>
    [
        ("Platform", ImageConfigurations.PlatformOf(config)),
        ("Author", NullIfEmpty(config.Author)),
        ("Entrypoint", Words(execution.Entrypoint)),
        ("Command", Words(execution.Cmd)),
        ("User", NullIfEmpty(execution.User)),
        ("WorkingDirectory", NullIfEmpty(execution.WorkingDir)),
        ("StopSignal", NullIfEmpty(execution.StopSignal)),
        ("OnBuild", execution.OnBuild is { Count: > 0 } steps ? string.Join("; ", steps) : null),
    ];

    private static IEnumerable<(string Key, string? Value)> Lists(ImageExecution execution)
    {
        foreach (string variable in execution.Env ?? [])
        {
            string[] parts = variable.Split('=', 2);
            yield return ("Environment." + parts[0], parts.Length > 1 ? parts[1] : "");
        }

        foreach ((string key, string value) in execution.Labels ?? []) yield return ("Label." + key, value);
        foreach (string port in execution.ExposedPorts?.Keys ?? Enumerable.Empty<string>()) yield return ("ExposedPort." + port, port);
        foreach (string volume in execution.Volumes?.Keys ?? Enumerable.Empty<string>()) yield return ("Volume." + volume, volume);
        foreach ((string key, JsonElement value) in execution.Others ?? [])
        {
            if (!SaysNothing(value)) yield return (key, value.GetRawText());
        }
    }

    /// <summary>Docker writes out what was not set, others leave it out.</summary>
    private static bool SaysNothing(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.False || value.GetRawText() is "\"\"" or "0" or "[]" or "{}";

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string? Words(List<string>? words) => words is { Count: > 0 }
        ? string.Join(' ', words.Select(word => word.Length == 0 || word.AsSpan().ContainsAny(" \t\"'") ? $"\"{word.Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : word))
        : null;
}
