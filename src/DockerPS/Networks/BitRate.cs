using System.Globalization;

namespace DockerPS;

/// <summary>
/// How much goes over a network in a second. Parses bits (<c>10Mbit</c>, <c>512kbit</c>, decimal multiples) as tc(8) does, and bytes (<c>1MB</c>, <c>64k</c>,
/// binary multiples) as PowerShell and Docker do; a number is bytes, as <c>1MB</c> is in PowerShell.
/// </summary>
public readonly record struct BitRate(long BitsPerSecond) : IComparable<BitRate>
{
    private const string Next = "Write bits as 10Mbit or bytes as 1MB.";

    /// <summary>Parses one; <c>/s</c> may follow.</summary>
    /// <exception cref="FormatException">The text is no rate; the message says how to write it.</exception>
    public static BitRate Parse(string text)
    {
        string s = (text ?? "").Trim();
        if (s.EndsWith("/s", StringComparison.OrdinalIgnoreCase)) s = s[..^2].TrimEnd();
        if (s.EndsWith("bps", StringComparison.OrdinalIgnoreCase)) throw new FormatException($"'{text}' may be bits or bytes. {Next}");
        int unit = s.AsSpan().IndexOfAnyExcept("0123456789.");
        bool bits = unit > 0 && s.EndsWith("bit", StringComparison.OrdinalIgnoreCase);
        if (!bits)
        {
            return ByteSize.TryParse(s, out ByteSize bytes) && bytes.Bytes is >= 0 and <= long.MaxValue / 8
                ? new BitRate(bytes.Bytes * 8)
                : throw new FormatException($"'{text}' is no rate. {Next}");
        }

        decimal factor = s[unit..^3].Trim().ToLowerInvariant() switch
        {
            "" => 1m, "k" => 1e3m, "m" => 1e6m, "g" => 1e9m, "t" => 1e12m, "ki" => 1024m, "mi" => 1024m * 1024, "gi" => 1024m * 1024 * 1024, _ => 0,
        };
        if (factor == 0 || !decimal.TryParse(s[..unit], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) || number > long.MaxValue / factor)
            throw new FormatException($"'{text}' is no rate. {Next}");
        return new BitRate((long)(number * factor));
    }

    /// <inheritdoc/>
    public int CompareTo(BitRate other) => BitsPerSecond.CompareTo(other.BitsPerSecond);

    /// <summary><c>10Mbit</c>, <c>1.5Gbit</c>, <c>8.39Mbit</c>.</summary>
    public override string ToString()
    {
        string[] units = ["bit", "kbit", "Mbit", "Gbit", "Tbit"];
        decimal value = BitsPerSecond;
        int unit = 0;
        for (; value >= 1000 && unit < units.Length - 1; unit++) value /= 1000;
        return value.ToString("0.##", CultureInfo.InvariantCulture) + units[unit];
    }
}
