using System.Globalization;

namespace DockerPS;

/// <summary>Durations as users write them: seconds, Docker's units (<c>1m30s</c>) or PowerShell's (<c>00:01:30</c>).</summary>
public static class Duration
{
    /// <summary>Parses <c>90</c>, <c>1.5</c> (seconds), <c>1h2m3s</c>, <c>250ms</c> or <c>[d.]hh:mm:ss</c>.</summary>
    /// <exception cref="FormatException">The text is not a duration.</exception>
    public static TimeSpan Parse(string text) => TryParse(text, out TimeSpan duration)
        ? duration
        : throw new FormatException($"'{text}' is not a duration. Write seconds (5), units (1m30s) or a time span (00:01:30).");

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        string s = (text ?? "").Trim();
        if (s.Length == 0) return false;
        if (double.TryParse(s, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double seconds))
            return TrySeconds(seconds, out duration);
        if (s.Contains(':')) return TimeSpan.TryParse(s, CultureInfo.InvariantCulture, out duration);

        double total = 0;
        for (int at = 0; at < s.Length;)
        {
            int digits = at;
            while (digits < s.Length && (char.IsAsciiDigit(s[digits]) || s[digits] == '.')) digits++;
            int unit = digits;
            while (unit < s.Length && char.IsAsciiLetter(s[unit])) unit++;
            double factor = s[digits..unit] switch
            {
                "d" => 86400, "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" => 1e-6, _ => 0,
            };
            if (factor == 0 || !double.TryParse(s[at..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
                return false;
            total += number * factor;
            at = unit;
        }
        return TrySeconds(total, out duration);
    }

    private static bool TrySeconds(double seconds, out TimeSpan duration)
    {
        duration = default;
        if (!double.IsFinite(seconds) || Math.Abs(seconds) > TimeSpan.MaxValue.TotalSeconds / 2) return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
