using System.Collections;

namespace DockerPS.Module.Hosting;

/// <summary>Labels that are asked for: a key without a value asks for any.</summary>
internal static class ImageLabels
{
    public static IReadOnlyList<string> Of(IDictionary? labels) => labels is null
        ? []
        : [.. labels.Keys.Cast<object>().Select(key => labels[key] is string { Length: > 0 } value ? $"{key}={value}" : $"{key}")];
}
