namespace DockerPS.Runtime.Trees;

/// <summary>Names against <c>*</c>, <c>?</c> and <c>[a-z]</c>.</summary>
internal static class NamePattern
{
    /// <summary>Bytes against a pattern; a question mark is a character of UTF-8.</summary>
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> name)
    {
        int star = -1, mark = 0, p = 0, n = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, n);
            }
            else if (p < pattern.Length && TryOne(pattern, name, p, n, out int patternLength, out int nameLength))
            {
                (p, n) = (p + patternLength, n + nameLength);
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    private static bool TryOne(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> name, int p, int n, out int patternLength, out int nameLength)
    {
        (patternLength, nameLength) = (1, 1);
        if (pattern[p] == '?')
        {
            while (n + nameLength < name.Length && (name[n + nameLength] & 0xC0) == 0x80) nameLength++;
            return true;
        }

        int close = pattern[p] == '[' ? pattern[(p + 1)..].IndexOf((byte)']') : -1;
        if (close <= 0) return pattern[p] == name[n];
        patternLength = close + 2;
        ReadOnlySpan<byte> set = pattern.Slice(p + 1, close);
        for (int i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                if (name[n] >= set[i] && name[n] <= set[i + 2]) return true;
                i += 2;
            }
            else if (set[i] == name[n])
            {
                return true;
            }
        }

        return false;
    }
}
