namespace DockerPS.Oci.References;

/// <summary>Names by PowerShell's wildcards: <c>*</c>, <c>?</c> and <c>[a-z]</c>; a backtick takes the meaning from the character after it.</summary>
public static class NamePattern
{
    public static bool Is(string name) => name.AsSpan().ContainsAny("*?[");

    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, bool ignoreCase = true)
    {
        // Where the last star stands, and where the name went on after what it took.
        int star = -1, taken = 0, p = 0, n = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, taken) = (p++, n);
            }
            else if (p < pattern.Length && MatchesOne(pattern[p..], name[n..], ignoreCase, out int patternLength, out int nameLength))
            {
                (p, n) = (p + patternLength, n + nameLength);
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++taken);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    /// <summary>The first of the pattern against the first of the name, and how many characters each of them has.</summary>
    private static bool MatchesOne(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, bool ignoreCase, out int patternLength, out int nameLength)
    {
        (patternLength, nameLength) = (1, 1);
        if (pattern[0] == '?')
        {
            if (name.Length > 1 && char.IsSurrogatePair(name[0], name[1])) nameLength = 2;
            return true;
        }

        if (pattern[0] == '`' && pattern.Length > 1)
        {
            patternLength = 2;
            return IsSame(pattern[1], name[0], ignoreCase);
        }

        int close = pattern[0] == '[' ? pattern[1..].IndexOf(']') : -1;
        if (close <= 0) return IsSame(pattern[0], name[0], ignoreCase);
        patternLength = close + 2;
        return IsIn(pattern.Slice(1, close), name[0]) || (ignoreCase && (IsIn(pattern.Slice(1, close), char.ToLowerInvariant(name[0]))
            || IsIn(pattern.Slice(1, close), char.ToUpperInvariant(name[0]))));
    }

    private static bool IsIn(ReadOnlySpan<char> set, char c)
    {
        for (int i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                if (c >= set[i] && c <= set[i + 2]) return true;
                i += 2;
            }
            else if (set[i] == c)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSame(char a, char b, bool ignoreCase) => a == b || (ignoreCase && char.ToLowerInvariant(a) == char.ToLowerInvariant(b));
}
