using System.Collections;
using System.Management.Automation;

namespace DockerPS.Module.Conversion;

/// <summary>Keys and values as a hashtable or as <c>key=value</c>; a key alone has an empty value unless values are required.</summary>
public sealed class PairsAttribute : ArgumentTransformationAttribute
{
    /// <summary>A text without = is an error.</summary>
    public bool ValueRequired { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (input is null) return null;
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (object? item in input is IEnumerable many and not (string or IDictionary) ? many : new[] { input })
        {
            object? bare = item is PSObject inner ? inner.BaseObject : item;
            if (bare is IDictionary dictionary)
            {
                foreach (DictionaryEntry entry in dictionary) Add(pairs, Text(entry.Key), Text(entry.Value));
            }
            else
            {
                string[] parts = Text(bare).Split('=', 2);
                if (parts.Length == 1 && ValueRequired)
                    throw new ArgumentTransformationMetadataException($"'{parts[0]}' has no value. Write {parts[0]}=value, or a hashtable.");
                Add(pairs, parts[0], parts.Length == 2 ? parts[1] : "");
            }
        }
        return pairs;
    }

    private static void Add(Dictionary<string, string> pairs, string key, string value)
    {
        if (string.IsNullOrWhiteSpace(key))
            throw new ArgumentTransformationMetadataException($"'{key}={value}' has no key. Write key=value, or a hashtable.");
        pairs[key] = value;
    }

    private static string Text(object? value) => LanguagePrimitives.ConvertTo<string>(value) ?? "";
}
