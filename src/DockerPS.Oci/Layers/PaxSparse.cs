namespace DockerPS.Oci.Layers;

/// <summary>
/// What extended headers tell of a sparse file, in GNU's three versions: 0.0 (a pair of records a part), 0.1 (one record with
/// all) and 1.0 (the map stands before the content). https://www.gnu.org/software/tar/manual/html_node/PAX-0.html
/// </summary>
internal sealed class PaxSparse
{
    private ByteBuffer _name;
    private long? _pendingOffset;
    private readonly List<SparsePart> _parts = [];
    private long? _major, _size, _realSize;
    private bool _hasMap;

    /// <summary>The map has to be read from the content.</summary>
    public bool MapInContent => _major == 1;

    public bool IsSparse => MapInContent || _hasMap || _size is not null;

    /// <summary>The file's real name; the entry's own is made up.</summary>
    public ReadOnlySpan<byte> Name => _name.Span;

    public long RealSize => _realSize ?? _size ?? throw new TarFormatException("A sparse file in the archive does not tell its size.");

    public void Reset()
    {
        _name.Clear();
        _parts.Clear();
        _pendingOffset = _major = _size = _realSize = null;
        _hasMap = false;
    }

    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("name"u8))
        {
            if (value.Contains((byte)0) || value.Length > TarReader.MaxNameLength)
                throw new TarFormatException("The name of a sparse file in the archive is damaged.");
            _name.Set(value);
        }
        else if (key.SequenceEqual("map"u8)) SetMap(value);
        else if (key.SequenceEqual("major"u8)) _major = Number(value);
        else if (key.SequenceEqual("size"u8)) _size = Number(value);
        else if (key.SequenceEqual("realsize"u8)) _realSize = Number(value);
        else if (key.SequenceEqual("numblocks"u8)) _hasMap = true;
        else if (key.SequenceEqual("offset"u8)) _pendingOffset = Number(value);
        else if (key.SequenceEqual("numbytes"u8))
        {
            Add(_pendingOffset ?? throw Damaged(), Number(value));
            _pendingOffset = null;
        }
    }

    public void CopyTo(List<SparsePart> parts)
    {
        if (_pendingOffset is not null) throw Damaged();
        parts.AddRange(_parts);
    }

    private void SetMap(ReadOnlySpan<byte> value)
    {
        _parts.Clear();
        _hasMap = true;
        while (!value.IsEmpty)
        {
            long offset = Take(ref value);
            if (value.IsEmpty) throw Damaged();
            Add(offset, Take(ref value));
        }
    }

    private static long Take(ref ReadOnlySpan<byte> list)
    {
        int comma = list.IndexOf((byte)',');
        ReadOnlySpan<byte> number = comma < 0 ? list : list[..comma];
        list = comma < 0 ? default : list[(comma + 1)..];
        return Number(number);
    }

    private void Add(long offset, long length)
    {
        if (_parts.Count >= TarReader.MaxSparseParts) throw new TarFormatException("A sparse file in the archive has too many parts.");
        _parts.Add(new SparsePart(offset, length));
        _hasMap = true;
    }

    private static long Number(ReadOnlySpan<byte> value) => TarNumber.TryParseDecimal(value, out long number) ? number : throw Damaged();

    private static TarFormatException Damaged() => new("The map of a sparse file in the archive is damaged.");
}
