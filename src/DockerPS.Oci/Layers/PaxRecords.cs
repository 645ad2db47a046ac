using System.Buffers;
using System.Buffers.Text;

namespace DockerPS.Oci.Layers;

/// <summary>
/// Extended headers (POSIX pax): records <c>LENGTH KEY=VALUE\n</c> that override fields of the entry that follows.
/// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
/// </summary>
internal sealed class PaxRecords
{
    private ByteBuffer _name, _link;
    private long? _size, _uid, _gid, _major, _minor;
    private (long Seconds, uint Nanoseconds)? _modified, _accessed;
    private ByteBuffer _decoded;

    public PaxSparse Sparse { get; } = new();

    /// <summary>Overrides the stored size; it is needed before the entry's content is found.</summary>
    public long? Size => _size;

    public void Reset()
    {
        _name.Clear();
        _link.Clear();
        _size = _uid = _gid = _major = _minor = null;
        _modified = _accessed = null;
        Sparse.Reset();
    }

    /// <summary>Reads the records of one header; later ones override earlier ones, an empty value takes a key back.</summary>
    public void Parse(ReadOnlySpan<byte> records, TarEntry entry)
    {
        while (!records.IsEmpty)
        {
            int blank = records.IndexOf((byte)' ');
            if (blank is < 1 or > 10 || !TarNumber.TryParseDecimal(records[..blank], out long length)
                || length > records.Length || length < blank + 3 || records[(int)length - 1] != '\n')
                throw new TarFormatException("An extended header of the archive is damaged.");
            ReadOnlySpan<byte> record = records[(blank + 1)..((int)length - 1)];
            records = records[(int)length..];
            int equals = record.IndexOf((byte)'=');
            if (equals < 1) throw new TarFormatException("An extended header of the archive has a record without key.");
            Set(record[..equals], record[(equals + 1)..], entry);
        }
    }

    /// <summary>Puts what was read over the fields of the header.</summary>
    public void Apply(TarEntry entry)
    {
        if (_name.Length > 0) entry.NameBytes.Set(_name.Span);
        if (_link.Length > 0) entry.LinkBytes.Set(_link.Span);
        if (_uid is { } uid) entry.Uid = Narrow(uid, "uid");
        if (_gid is { } gid) entry.Gid = Narrow(gid, "gid");
        if (_major is { } major) entry.DeviceMajor = Narrow(major, "SCHILY.devmajor");
        if (_minor is { } minor) entry.DeviceMinor = Narrow(minor, "SCHILY.devminor");
        if (_modified is { } modified) (entry.ModifiedSeconds, entry.ModifiedNanoseconds) = modified;
        if (_accessed is { } accessed)
        {
            entry.HasAccessTime = true;
            (entry.AccessedSeconds, entry.AccessedNanoseconds) = accessed;
        }
    }

    private void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TarEntry entry)
    {
        if (key.StartsWith("SCHILY.xattr."u8)) SetXattr(key["SCHILY.xattr.".Length..], value, entry);
        else if (key.StartsWith("LIBARCHIVE.xattr."u8)) SetEncodedXattr(key["LIBARCHIVE.xattr.".Length..], value, entry);
        else if (key.StartsWith("GNU.sparse."u8)) Sparse.Set(key["GNU.sparse.".Length..], value);
        else if (key.SequenceEqual("path"u8)) SetName(ref _name, value);
        else if (key.SequenceEqual("linkpath"u8)) SetName(ref _link, value);
        else if (key.SequenceEqual("size"u8)) _size = Number(key, value);
        else if (key.SequenceEqual("uid"u8)) _uid = Number(key, value);
        else if (key.SequenceEqual("gid"u8)) _gid = Number(key, value);
        else if (key.SequenceEqual("mtime"u8)) _modified = Time(key, value);
        else if (key.SequenceEqual("atime"u8)) _accessed = Time(key, value);
        else if (key.SequenceEqual("SCHILY.devmajor"u8)) _major = Number(key, value);
        else if (key.SequenceEqual("SCHILY.devminor"u8)) _minor = Number(key, value);
        // Others (comment, uname, ctime, ACLs as text, …) say nothing that an unpacked layer keeps.
    }

    private static void SetXattr(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, TarEntry entry)
    {
        if (name.IsEmpty || name.Contains((byte)0)) throw new TarFormatException("An extended attribute in the archive has a bad name.");
        entry.SetXattr(name, value);
    }

    /// <summary>libarchive's form: the name in percent encoding, the value in base 64 without padding.</summary>
    private void SetEncodedXattr(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, TarEntry entry)
    {
        _decoded.Clear();
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] == '%' && i + 2 < name.Length && Utf8Parser.TryParse(name.Slice(i + 1, 2), out byte code, out int used, 'x') && used == 2)
            {
                _decoded.Append(code);
                i += 2;
            }
            else _decoded.Append(name[i]);
        }
        int nameLength = _decoded.Length;
        _decoded.Append(value.TrimEnd((byte)'='));
        while ((_decoded.Length - nameLength) % 4 != 0) _decoded.Append((byte)'=');
        ReadOnlySpan<byte> encoded = _decoded.Span[nameLength..];
        int encodedLength = encoded.Length;
        Span<byte> plain = _decoded.Extend(encodedLength);
        // Extend may have moved the bytes: take the source again.
        encoded = _decoded.Span.Slice(nameLength, encodedLength);
        if (Base64.DecodeFromUtf8(encoded, plain, out _, out int length) != OperationStatus.Done)
            throw new TarFormatException("An extended attribute in the archive is not base 64.");
        SetXattr(_decoded.Span[..nameLength], plain[..length], entry);
    }

    private static void SetName(ref ByteBuffer buffer, ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)0)) throw new TarFormatException("A name in the archive contains NUL.");
        if (value.Length > TarReader.MaxNameLength) throw new TarFormatException("A name in the archive is too long.");
        buffer.Set(value);
    }

    private static long? Number(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return null;
        return TarNumber.TryParseDecimal(value, out long number) ? number : throw Bad(key);
    }

    private static (long, uint)? Time(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return null;
        return TarNumber.TryParseTime(value, out long seconds, out uint nanoseconds) ? (seconds, nanoseconds) : throw Bad(key);
    }

    /// <summary>The greatest number is kept out: for the kernel it means "leave as it is".</summary>
    private static uint Narrow(long value, string key) =>
        value < uint.MaxValue ? (uint)value : throw new TarFormatException($"'{key}' in an extended header is too large.");

    private static TarFormatException Bad(ReadOnlySpan<byte> key) =>
        new($"'{TarEntry.Show(key)}' in an extended header of the archive is not a number.");
}
