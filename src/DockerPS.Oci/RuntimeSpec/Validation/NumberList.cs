using System.Globalization;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Lists of processors or memory nodes such as <c>0-3,7</c> (cpuset(7), "List format").</summary>
public static class NumberList
{
    /// <summary>More than any kernel is built for.</summary>
    private const uint Greatest = 65_535;

    /// <summary>The ranges, both ends within; false when the text is no such list. A text without numbers is an empty list.</summary>
    public static bool TryParse(string text, out List<(uint First, uint Last)> ranges)
    {
        ranges = [];
        ReadOnlySpan<char> list = text.AsSpan().Trim();
        if (list.IsEmpty) return true;
        foreach (Range part in list.Split(','))
        {
            ReadOnlySpan<char> range = list[part].Trim();
            int dash = range.IndexOf('-');
            if (!TryNumber(dash < 0 ? range : range[..dash], out uint first)) return false;
            uint last = first;
            if (dash >= 0 && (!TryNumber(range[(dash + 1)..], out last) || last < first)) return false;
            ranges.Add((first, last));
        }

        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out uint number) =>
        uint.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number)
        && number <= Greatest;
}
