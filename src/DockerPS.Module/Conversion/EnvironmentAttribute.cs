using System.Collections;

namespace DockerPS.Module.Conversion;

/// <summary>
/// Environment variables as a hashtable or as <c>NAME=value</c>; a name alone takes the caller's value, and nothing when the caller
/// has none, as in Docker.
/// </summary>
public sealed class EnvironmentAttribute() : ItemsAttribute<string>("InvalidEnvironment")
{
    private protected override IEnumerable<string> ConvertItem(object? value) => value switch
    {
        IDictionary pairs => pairs.Cast<DictionaryEntry>().Select(Pair),
        // Get-ChildItem Env: gives these.
        DictionaryEntry entry => [Pair(entry)],
        _ => Line(Text(value)),
    };

    /// <summary>One line of an environment file, or one text of the parameter.</summary>
    /// <exception cref="FormatException">There is no name.</exception>
    internal static IEnumerable<string> Line(string line)
    {
        int equals = line.IndexOf('=');
        string name = Name(equals < 0 ? line : line[..equals], line);
        if (equals >= 0) return [line];
        return System.Environment.GetEnvironmentVariable(name) is { } own ? [$"{name}={own}"] : [];
    }

    private static string Pair(DictionaryEntry entry)
    {
        string name = Text(entry.Key);
        return $"{Name(name, name)}={Text(Bare(entry.Value))}";
    }

    private static string Name(string name, string text) =>
        name.Length > 0 && !name.Contains('=') && !name.Contains('\0') && !name.Any(char.IsWhiteSpace)
            ? name
            : throw new FormatException($"'{text}' has no name of a variable. Write NAME=value, or @{{ NAME = 'value' }}.");
}
