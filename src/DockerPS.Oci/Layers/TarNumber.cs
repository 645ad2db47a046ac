namespace DockerPS.Oci.Layers;

/// <summary>The ways in which archives write numbers.</summary>
internal static class TarNumber
{
    /// <summary>A header's field: octal digits between blanks and NULs, or binary when the first bit is set (GNU's base 256).</summary>
    public static bool TryParseField(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        if ((field[0] & 0x80) != 0) return TryParseBinary(field, out value);
        field = field.Trim(" \0"u8);
        int end = field.IndexOfAny((byte)0, (byte)' ');
        if (end >= 0) field = field[..end];
        foreach (byte digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7' || value > long.MaxValue >> 3) return false;
            value = (value << 3) | (uint)(digit - '0');
        }
        return true;
    }

    private static bool TryParseBinary(ReadOnlySpan<byte> field, out long value)
    {
        // Two's complement over the whole field; bit 7 of the first byte is the mark, bit 6 the sign.
        bool negative = (field[0] & 0x40) != 0;
        ulong bits = negative ? ulong.MaxValue : 0;
        value = 0;
        for (int i = 0; i < field.Length; i++)
        {
            byte next = i == 0 ? (byte)(negative ? field[0] | 0x80 : field[0] & 0x7F) : field[i];
            if (bits >> 56 != (negative ? 0xFFu : 0)) return false;
            bits = (bits << 8) | next;
        }
        value = (long)bits;
        return value < 0 == negative;
    }

    /// <summary>Decimal digits and nothing else, at least one.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.IsEmpty) return false;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9' || value > (long.MaxValue - (digit - '0')) / 10) return false;
            value = value * 10 + (digit - '0');
        }
        return true;
    }

    /// <summary>A time of PAX: <c>-12.345</c>; digits after the ninth are dropped.</summary>
    public static bool TryParseTime(ReadOnlySpan<byte> text, out long seconds, out uint nanoseconds)
    {
        nanoseconds = 0;
        bool negative = text.StartsWith("-"u8);
        if (negative) text = text[1..];
        int point = text.IndexOf((byte)'.');
        if (!TryParseDecimal(point < 0 ? text : text[..point], out seconds)) return false;
        if (point >= 0)
        {
            uint unit = 100_000_000;
            foreach (byte digit in text[(point + 1)..])
            {
                if (digit is < (byte)'0' or > (byte)'9') return false;
                nanoseconds += (uint)(digit - '0') * unit;
                unit /= 10;
            }
        }
        if (!negative) return true;
        seconds = -seconds;
        if (nanoseconds == 0) return true;
        seconds--;
        nanoseconds = 1_000_000_000 - nanoseconds;
        return true;
    }
}
