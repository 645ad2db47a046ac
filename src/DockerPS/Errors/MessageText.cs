using System.Text;

namespace DockerPS;

/// <summary>What others wrote comes into messages: names in manifests, answers of registries, paths in archives.</summary>
internal static class MessageText
{
    private const int Longest = 4000;

    /// <summary>The text as a terminal may get it: nothing in it steers that or turns the writing round, and it is no novel.</summary>
    public static string Printable(string text)
    {
        if (text.Length <= Longest && !text.Any(IsSteering)) return text;
        var clean = new StringBuilder(Math.Min(text.Length, Longest + 1));
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Longest))) clean.Append(IsSteering(c) ? ' ' : c);
        return text.Length > Longest ? clean.Append('…').ToString() : clean.ToString();
    }

    private static bool IsSteering(char c) => (char.IsControl(c) && c is not ('\n' or '\t')) || IsDirection(c);

    /// <summary>Marks of embedding, override and isolation (Unicode's bidirectional algorithm, UAX 9).</summary>
    private static bool IsDirection(char c) => c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
