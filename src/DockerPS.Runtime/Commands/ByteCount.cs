using System.Globalization;

namespace DockerPS.Runtime.Commands;

/// <summary>Sizes on the command line: <c>1048576</c>, <c>1m</c>, <c>1.5GiB</c>, <c>-1</c>.</summary>
internal static class ByteCount
{
    public static bool TryParse(string text, out long bytes)
    {
        bytes = -1;
        if (text == "-1") return true;
        int digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
        string unit = text[digits..].Trim().ToLowerInvariant();
        if (unit.Length > 1 && unit[^1] == 'b') unit = unit.EndsWith("ib", StringComparison.Ordinal) ? unit[..^2] : unit[..^1];
        int power = unit switch { "" or "b" => 0, "k" => 1, "m" => 2, "g" => 3, "t" => 4, "p" => 5, _ => -1 };
        if (power < 0 || !decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            return false;
        for (int i = 0; i < power; i++)
        {
            if (number > long.MaxValue) return false;
            number *= 1024;
        }
        if (number > long.MaxValue) return false;
        bytes = (long)number;
        return true;
    }
}
