using System.Globalization;

namespace DockerPS.Runtime.Cgroups;

/// <summary>Numbers as the files of cgroups have them.</summary>
internal static class CgroupFileNumber
{
    /// <summary>-1 for <c>max</c> and for version 1's "no limit", the largest multiple of the page size; null for no number.</summary>
    public static long? Parse(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return null;
        if (text.SequenceEqual("max")) return -1;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            return number >= long.MaxValue - 0xFFFF ? -1 : number;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? -1 : null;
    }
}
