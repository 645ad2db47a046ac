using System.Collections;

namespace DockerPS.Module.Conversion;

/// <summary>
/// Options of a volume as a hashtable or as <c>key=value</c>. What PowerShell took apart at commas is put together again:
/// <c>type=tmpfs, o=size=8m, mode=700</c> has <c>o</c> with two values.
/// </summary>
public sealed class VolumeOptionsAttribute() : ConversionAttribute("InvalidVolumeOption")
{
    private protected override object Convert(object input)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (object? item in input is IEnumerable many and not (string or IDictionary) ? many : new[] { input })
        {
            object? bare = Bare(item);
            if (bare is IDictionary table)
            {
                foreach (DictionaryEntry entry in table)
                {
                    pairs[Text(entry.Key)] = entry.Value is IEnumerable values and not string
                        ? string.Join(',', values.Cast<object?>().Select(Text))
                        : Text(entry.Value);
                }
            }
            else
            {
                foreach (string part in Text(bare).Split(',')) Add(pairs, part);
            }
        }

        return pairs;
    }

    private protected override object Placeholder() => new Dictionary<string, string>();

    private static void Add(Dictionary<string, string> pairs, string text)
    {
        string[] pair = text.Split('=', 2);
        if (pair is ["type" or "device" or "o", string value])
        {
            pairs[pair[0]] = pair[0] == "o" && pairs.TryGetValue("o", out string? before) ? before + "," + value : value;
        }
        else if (pairs.TryGetValue("o", out string? options))
        {
            pairs["o"] = options + "," + text;
        }
        else
        {
            throw new FormatException($"'{text}' is no option of a volume. Write type=…, device=… and o=…, or a hashtable of these.");
        }
    }
}
