using System.Globalization;

namespace DockerPS;

/// <summary>A number of bytes. Parses Docker's forms (<c>512m</c>, <c>1.5g</c>, <c>64KB</c>, <c>100</c>), binary multiples; converts from numbers.</summary>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>, IFormattable
{
    /// <summary>Parses <c>NUMBER[b|k|m|g|t|p][i][b]</c>, ignoring case; multiples are of 1024.</summary>
    /// <exception cref="FormatException">The text is not a size.</exception>
    public static ByteSize Parse(string text) =>
        TryParse(text, out ByteSize size)
            ? size
            : throw new FormatException($"'{text}' is not a size. Write bytes or a number with k, m, g or t, such as 512m or 1.5g.");

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(string? text, out ByteSize size)
    {
        size = default;
        string s = (text ?? "").Trim().ToLowerInvariant();
        if (s == "-1") { size = new(-1); return true; }
        int end = s.Length;
        while (end > 0 && !char.IsAsciiDigit(s[end - 1]) && s[end - 1] != '.') end--;
        int shift = s[end..].Trim() switch
        {
            "" or "b" => 0,
            "k" or "kb" or "kib" => 10,
            "m" or "mb" or "mib" => 20,
            "g" or "gb" or "gib" => 30,
            "t" or "tb" or "tib" => 40,
            "p" or "pb" or "pib" => 50,
            _ => -1,
        };
        if (shift < 0 || !decimal.TryParse(s[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            return false;
        if (number > long.MaxValue / (1L << shift)) return false;
        size = new((long)(number * (1L << shift)));
        return true;
    }

    public static implicit operator ByteSize(long bytes) => new(bytes);

    public static implicit operator ByteSize(int bytes) => new(bytes);

    public static explicit operator ByteSize(double bytes) => new(checked((long)bytes));

    public static implicit operator long(ByteSize size) => size.Bytes;

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <summary>As Docker's tables print sizes: decimal multiples, three significant digits (<c>72.8MB</c>).</summary>
    public override string ToString() => ToString(null, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        if (Bytes < 0) return "unlimited";
        string[] units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
        double value = Bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.Length - 1) { value /= 1000; unit++; }
        string digits = value >= 100 ? "0" : value >= 10 ? "0.#" : "0.##";
        return value.ToString(unit == 0 ? "0" : digits, formatProvider) + units[unit];
    }
}
