using System.Text.Json;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images;

/// <summary>Dockerfile instructions that change an image's config (<c>CMD ["sh"]</c>, <c>ENV A=b</c>), in exec and shell form.</summary>
internal static class ConfigChange
{
    /// <exception cref="DockerArgumentException">InvalidChange.</exception>
    public static void Apply(ImageExecution config, string change)
    {
        string text = change.Trim();
        int space = text.AsSpan().IndexOfAny(' ', '\t');
        string arguments = space < 0 ? "" : text[(space + 1)..].Trim();
        string instruction = (space < 0 ? text : text[..space]).ToUpperInvariant();
        if (arguments.Length == 0) throw Invalid(change, "the instruction has no arguments");
        switch (instruction)
        {
            case "CMD":
                config.Cmd = CommandOf(arguments);
                break;
            case "ENTRYPOINT":
                config.Entrypoint = CommandOf(arguments);
                break;
            case "ENV":
                foreach ((string key, string value) in Pairs(config, change, arguments)) SetVariable(config.Env ??= [], key, value);
                break;
            case "LABEL":
                config.Labels ??= new SortedDictionary<string, string>(StringComparer.Ordinal);
                foreach ((string key, string value) in Pairs(config, change, arguments)) config.Labels[key] = value;
                break;
            case "EXPOSE":
                config.ExposedPorts = Join(config.ExposedPorts, Words(config, change, arguments).SelectMany(ExposedPort.Parse));
                break;
            case "VOLUME":
                config.Volumes = Join(config.Volumes, JsonArray(arguments) ?? Words(config, change, arguments));
                break;
            case "USER":
                config.User = Single(config, change, arguments);
                break;
            case "WORKDIR":
                config.WorkingDir = Absolute(config.WorkingDir, Single(config, change, arguments));
                break;
            case "STOPSIGNAL":
                config.StopSignal = Single(config, change, arguments);
                break;
            case "ONBUILD":
                (config.OnBuild ??= []).Add(arguments);
                break;
            default:
                throw Invalid(change, "it should begin with CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR");
        }
    }

    private static List<string> CommandOf(string arguments) => JsonArray(arguments) ?? ["/bin/sh", "-c", arguments];

    /// <summary>The exec form, or null: what looks like it and is not JSON is a shell command, as Docker has it.</summary>
    private static List<string>? JsonArray(string text)
    {
        if (!text.StartsWith('[')) return null;
        try
        {
            return [.. JsonSerializer.Deserialize(text, ImageSpecJson.Default.StringArray) ?? []];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary><c>A=b C="d e"</c>, or the old form <c>A everything else</c>.</summary>
    private static IEnumerable<(string Key, string Value)> Pairs(ImageExecution config, string change, string arguments)
    {
        List<string> words = Words(config, change, arguments);
        if (!words[0].Contains('=', StringComparison.Ordinal))
        {
            int space = arguments.AsSpan().IndexOfAny(' ', '\t');
            if (space < 0) throw Invalid(change, "it should have the form NAME=value");
            return [(words[0], string.Join(' ', words.Skip(1)))];
        }

        return words.Select(word =>
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            return equals > 0 ? (word[..equals], word[(equals + 1)..]) : throw Invalid(change, $"'{word}' should have the form NAME=value");
        }).ToList();
    }

    private static List<string> Words(ImageExecution config, string change, string arguments)
    {
        try
        {
            return ShellWords.Split(arguments, name => Variable(config.Env, name));
        }
        catch (FormatException e)
        {
            throw Invalid(change, e.Message);
        }
    }

    private static string Single(ImageExecution config, string change, string arguments)
    {
        List<string> words = Words(config, change, arguments);
        return words.Count == 1 ? words[0] : throw Invalid(change, "it should have one argument");
    }

    private static string Variable(List<string>? environment, string name) =>
        environment?.LastOrDefault(v => v.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..] ?? "";

    private static void SetVariable(List<string> environment, string key, string value)
    {
        int index = environment.FindIndex(v => v.StartsWith(key + "=", StringComparison.Ordinal));
        if (index < 0) environment.Add($"{key}={value}");
        else environment[index] = $"{key}={value}";
    }

    private static SortedDictionary<string, EmptyObject> Join(SortedDictionary<string, EmptyObject>? set, IEnumerable<string> more) =>
        ImageConfigurations.SetOf([.. set?.Keys ?? Enumerable.Empty<string>(), .. more]);

    private static string Absolute(string? before, string path) =>
        path.StartsWith('/') ? path : $"{(string.IsNullOrEmpty(before) ? "" : before.TrimEnd('/'))}/{path}";

    private static DockerArgumentException Invalid(string change, string reason) =>
        new("InvalidChange", $"The change '{change}' cannot be applied: {reason}.", change);
}
