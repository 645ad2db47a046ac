using System.Text;
using System.Text.RegularExpressions;

namespace DockerPS.Engine;

/// <summary>Names by PowerShell's wildcards: <c>*</c>, <c>?</c> and <c>[a-z]</c>, whatever the case.</summary>
internal static class NamePattern
{
    public static bool Is(string name) => name.AsSpan().ContainsAny("*?[");

    public static bool Matches(string pattern, string name)
    {
        var text = new StringBuilder("^");
        for (int i = 0; i < pattern.Length; i++)
        {
            int close = pattern[i] == '[' ? pattern.IndexOf(']', i + 1) : -1;
            if (close > i + 1)
            {
                // What has a meaning of its own in a set of an expression has none in one of a wildcard.
                text.Append('[').Append(pattern[(i + 1)..close].Replace(@"\", @"\\").Replace("^", @"\^").Replace("[", @"\[")).Append(']');
                i = close;
            }
            else
            {
                text.Append(pattern[i] switch { '*' => ".*", '?' => ".", char c => Regex.Escape(c.ToString()) });
            }
        }

        try
        {
            const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking;
            return Regex.IsMatch(name, text.Append('$').ToString(), Options);
        }
        catch (ArgumentException)
        {
            // A set such as [z-a], which no name is in.
            return false;
        }
    }
}
