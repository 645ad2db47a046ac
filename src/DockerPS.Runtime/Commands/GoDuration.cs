using System.Globalization;

namespace DockerPS.Runtime.Commands;

/// <summary>Durations as programs written in Go take them: numbers with units, as in <c>1m30s</c>, <c>1.5s</c>, <c>500ms</c>.</summary>
internal static class GoDuration
{
    /// <param name="text">At least one number with its unit: ns, us, ms, s, m, h.</param>
    /// <param name="nanoseconds">Its length.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.IsEmpty) return false;
        decimal sum = 0;
        while (!text.IsEmpty)
        {
            int digits = text.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
                return false;
            text = text[digits..];
            int end = text.IndexOfAny("0123456789.");
            ReadOnlySpan<char> unit = end < 0 ? text : text[..end];
            decimal factor = unit switch { "ns" => 1, "us" or "µs" => 1e3m, "ms" => 1e6m, "s" => 1e9m, "m" => 60e9m, "h" => 3600e9m, _ => 0 };
            if (factor == 0 || number > 1e9m) return false;
            sum += number * factor;
            text = text[unit.Length..];
        }
        if (sum > long.MaxValue) return false;
        nanoseconds = (long)sum;
        return true;
    }
}
