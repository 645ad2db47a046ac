using System.Collections;

namespace DockerPS.Module.Conversion;

/// <summary>Keys and values as a hashtable or as <c>key=value</c>; a key alone has an empty value unless values are required.</summary>
public sealed class PairsAttribute(string errorId) : ConversionAttribute(errorId)
{
    /// <summary>A text without = is an error.</summary>
    public bool ValueRequired { get; set; }

    private protected override object Convert(object input)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (object? item in input is IEnumerable many and not (string or IDictionary) ? many : new[] { input })
        {
            object? bare = Bare(item);
            if (bare is IDictionary dictionary)
            {
                foreach (DictionaryEntry entry in dictionary) Add(pairs, Text(entry.Key), Text(entry.Value));
            }
            else
            {
                string[] parts = Text(bare).Split('=', 2);
                if (parts.Length == 1 && ValueRequired)
                    throw new FormatException($"'{parts[0]}' has no value. Write {parts[0]}=value, or a hashtable.");
                Add(pairs, parts[0], parts.Length == 2 ? parts[1] : "");
            }
        }
        return pairs;
    }

    private protected override object Placeholder() => new Dictionary<string, string>();

    private static void Add(Dictionary<string, string> pairs, string key, string value)
    {
        if (string.IsNullOrWhiteSpace(key)) throw new FormatException($"'{key}={value}' has no key. Write key=value, or a hashtable.");
        pairs[key] = value;
    }
}
