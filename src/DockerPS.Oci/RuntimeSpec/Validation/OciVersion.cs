namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Versions of the specification (Semantic Versioning 2.0.0).</summary>
public static class OciVersion
{
    /// <summary>What this runtime follows, and the greatest that it reads.</summary>
    public const string Current = "1.3.0";

    /// <summary>The least that it reads.</summary>
    public const string Oldest = "1.0.0";

    /// <summary>The first number of a version; -1 when the text is none.</summary>
    public static int Major(string text)
    {
        ReadOnlySpan<char> rest = text;
        int plus = rest.IndexOf('+');
        if (plus >= 0)
        {
            if (!AreIdentifiers(rest[(plus + 1)..], leadingZeros: true)) return -1;
            rest = rest[..plus];
        }

        int dash = rest.IndexOf('-');
        if (dash >= 0)
        {
            if (!AreIdentifiers(rest[(dash + 1)..], leadingZeros: false)) return -1;
            rest = rest[..dash];
        }

        int major = -1, numbers = 0;
        foreach (Range part in rest.Split('.'))
        {
            ReadOnlySpan<char> number = rest[part];
            if (!IsNumber(number) || number.Length > 9) return -1;
            if (numbers++ == 0) major = int.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
        }

        return numbers == 3 ? major : -1;
    }

    private static bool IsNumber(ReadOnlySpan<char> text) =>
        !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9') && (text.Length == 1 || text[0] != '0');

    private static bool AreIdentifiers(ReadOnlySpan<char> text, bool leadingZeros)
    {
        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> identifier = text[part];
            if (identifier.IsEmpty) return false;
            bool digits = true;
            foreach (char c in identifier)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-') return false;
                digits &= char.IsAsciiDigit(c);
            }

            if (digits && !leadingZeros && !IsNumber(identifier)) return false;
        }

        return true;
    }
}
