using System.Buffers.Text;

namespace DockerPS.Oci.Layers;

/// <summary>What a header is written from. Names are bytes and not cleaned.</summary>
public ref struct TarHeaderFields
{
    public byte TypeFlag;
    public ReadOnlySpan<byte> Name, LinkTarget;
    public uint Mode, Uid, Gid, DeviceMajor, DeviceMinor;
    public long Size, ModifiedSeconds;
    public uint ModifiedNanoseconds;

    /// <summary>Names and values of extended attributes, in the order in which they are to stand.</summary>
    public IReadOnlyList<(byte[] Name, byte[] Value)>? Xattrs;
}

/// <summary>
/// Writes headers of ustar with PAX records for what does not fit: the same fields give the same bytes. There are no names of users
/// and groups and no times but the modification's.
/// </summary>
public sealed class TarHeaderWriter
{
    private const long MaxSize = 0x1_FFFF_FFFF, MaxTime = 0x1_FFFF_FFFF;
    private const uint MaxOwner = 0x1F_FFFF;
    private ByteBuffer _output, _records;

    /// <summary>The blocks of a header, extended one included; valid until the next call.</summary>
    public ReadOnlySpan<byte> Write(in TarHeaderFields fields)
    {
        _output.Clear();
        _records.Clear();
        bool timeFits = fields.ModifiedSeconds is >= 0 and <= MaxTime && fields.ModifiedNanoseconds == 0;
        if (fields.Name.Length > 100) Record("path"u8, fields.Name);
        if (fields.LinkTarget.Length > 100) Record("linkpath"u8, fields.LinkTarget);
        if (fields.Size > MaxSize) Record("size"u8, fields.Size);
        if (fields.Uid > MaxOwner) Record("uid"u8, fields.Uid);
        if (fields.Gid > MaxOwner) Record("gid"u8, fields.Gid);
        if (!timeFits) RecordTime(fields.ModifiedSeconds, fields.ModifiedNanoseconds);
        if (fields.Xattrs is { } xattrs)
            foreach ((byte[] name, byte[] value) in xattrs) Record([.. "SCHILY.xattr."u8, .. name], value);
        if (_records.Length > 0)
        {
            ReadOnlySpan<byte> shown = LayerPath.Name(fields.Name.TrimEnd((byte)'/'));
            Block(new TarHeaderFields
            {
                TypeFlag = (byte)'x',
                Name = [.. "PaxHeaders/"u8, .. shown[..Math.Min(shown.Length, 80)]],
                Mode = 0x1A4, // 0644
                Size = _records.Length,
            });
            _output.Append(_records.Span);
            _output.Extend(-_records.Length & (TarHeader.BlockSize - 1)).Clear();
        }
        Block(fields);
        return _output.Span;
    }

    private void Block(in TarHeaderFields fields)
    {
        Span<byte> block = _output.Extend(TarHeader.BlockSize);
        block.Clear();
        fields.Name[..Math.Min(100, fields.Name.Length)].CopyTo(block);
        Octal(block.Slice(100, 8), fields.Mode);
        Octal(block.Slice(108, 8), fields.Uid > MaxOwner ? 0 : fields.Uid);
        Octal(block.Slice(116, 8), fields.Gid > MaxOwner ? 0 : fields.Gid);
        Octal(block.Slice(124, 12), fields.Size > MaxSize ? 0 : fields.Size);
        Octal(block.Slice(136, 12), fields.ModifiedSeconds is < 0 or > MaxTime ? 0 : fields.ModifiedSeconds);
        block[156] = fields.TypeFlag;
        fields.LinkTarget[..Math.Min(100, fields.LinkTarget.Length)].CopyTo(block[157..]);
        "ustar\000"u8.CopyTo(block[257..]);
        Octal(block.Slice(329, 8), fields.DeviceMajor);
        Octal(block.Slice(337, 8), fields.DeviceMinor);
        block.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in block) sum += value;
        Octal(block.Slice(148, 7), sum);
    }

    private static void Octal(Span<byte> field, long value)
    {
        for (int i = field.Length - 2; i >= 0; i--, value >>= 3) field[i] = (byte)('0' + (value & 7));
    }

    private void Record(ReadOnlySpan<byte> key, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int length);
        Record(key, digits[..length]);
    }

    private void RecordTime(long seconds, uint nanoseconds)
    {
        // Nanoseconds count upwards from the seconds, the text away from zero.
        bool negative = seconds < 0;
        if (negative && nanoseconds > 0) (seconds, nanoseconds) = (seconds + 1, 1_000_000_000 - nanoseconds);
        Span<byte> text = stackalloc byte[40];
        int length = 0;
        if (negative) text[length++] = (byte)'-';
        Utf8Formatter.TryFormat(Math.Abs(seconds), text[length..], out int digits);
        length += digits;
        if (nanoseconds > 0)
        {
            text[length++] = (byte)'.';
            for (uint unit = 100_000_000; nanoseconds > 0; nanoseconds %= unit, unit /= 10) text[length++] = (byte)('0' + nanoseconds / unit);
        }
        Record("mtime"u8, text[..length]);
    }

    /// <summary>The record's length counts its own digits.</summary>
    private void Record(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        int rest = key.Length + value.Length + 3, length = rest + 1;
        while (length != rest + Digits(length)) length = rest + Digits(length);
        Span<byte> digits = stackalloc byte[12];
        Utf8Formatter.TryFormat(length, digits, out int written);
        _records.Append(digits[..written]);
        _records.Append((byte)' ');
        _records.Append(key);
        _records.Append((byte)'=');
        _records.Append(value);
        _records.Append((byte)'\n');
    }

    private static int Digits(int value)
    {
        int digits = 1;
        while ((value /= 10) > 0) digits++;
        return digits;
    }
}
