namespace DockerPS.Oci.Layers;

/// <summary>
/// Reads archives of tar in all its dialects (V7, ustar, PAX, GNU, star) entry by entry, with names as bytes.
/// System.Formats.Tar is not used here: it decodes names as UTF-8, which loses names that are not text.
/// Nothing but <see cref="TarFormatException"/> comes out of it, whatever the bytes are (and what the input itself throws).
/// </summary>
public sealed partial class TarReader(TarInput input, long maxBytes = long.MaxValue, long maxEntries = long.MaxValue)
{
    /// <summary>Longest extended header, longest name and most parts of a sparse file that are taken.</summary>
    public const int MaxExtendedHeader = 1 << 20, MaxNameLength = 64 << 10, MaxSparseParts = 1 << 20;

    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private readonly PaxRecords _pax = new();
    private ByteBuffer _global, _local, _longName, _longLink;
    private long _position, _remaining, _holes;
    private int _padding;
    private bool _ended;

    /// <summary>The entry that <see cref="Read"/> came to.</summary>
    public TarEntry Entry { get; } = new();

    /// <summary>Entries so far.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of the archive so far.</summary>
    public long Position => _position;

    /// <summary>Goes to the next entry, over what is left of the one before; false at the end of the archive.</summary>
    /// <exception cref="TarFormatException">The archive is damaged or beyond the limits.</exception>
    public bool Read()
    {
        if (_ended) return false;
        SkipContent();
        Entry.Reset();
        _pax.Reset();
        _local.Clear();
        _longName.Clear();
        _longLink.Clear();
        while (ReadHeader())
        {
            var header = new TarHeader(_block);
            switch (header.TypeFlag)
            {
                case (byte)'x' or (byte)'X':
                    ReadMeta(header, ref _local, MaxExtendedHeader - _local.Length, "extended header");
                    break;
                case (byte)'g':
                    ReadMeta(header, ref _global, MaxExtendedHeader - _global.Length, "global header");
                    break;
                case (byte)'L': _longName.Clear(); ReadLongName(header, ref _longName); break;
                case (byte)'K': _longLink.Clear(); ReadLongName(header, ref _longLink); break;
                default:
                    Interpret(header);
                    return true;
            }
        }
        if (_local.Length + _longName.Length + _longLink.Length > 0) throw Truncated();
        _ended = true;
        return false;
    }

    /// <summary>The next bytes of the entry's content (for a sparse file of its stored parts); empty when all were taken.</summary>
    public ReadOnlySpan<byte> PeekContent()
    {
        if (_remaining == 0) return default;
        ReadOnlySpan<byte> bytes = input.Peek();
        if (bytes.IsEmpty) throw Truncated();
        return bytes.Length > _remaining ? bytes[..(int)_remaining] : bytes;
    }

    /// <summary>Takes bytes that <see cref="PeekContent"/> showed.</summary>
    public void AdvanceContent(int count)
    {
        input.Advance(count);
        _remaining -= count;
        _position += count;
    }

    /// <summary>Takes the next bytes of the content: all that fit, or all that are left.</summary>
    public int ReadContent(Span<byte> buffer)
    {
        if (buffer.Length > _remaining) buffer = buffer[..(int)_remaining];
        for (int done = 0; done < buffer.Length;)
        {
            int read = input.Read(buffer[done..]);
            if (read == 0) throw Truncated();
            done += read;
            _remaining -= read;
            _position += read;
        }
        return buffer.Length;
    }

    private void Interpret(in TarHeader header)
    {
        if (++Count > maxEntries) throw new TarFormatException(TarFault.TooLarge, $"The archive has more than {maxEntries} entries.");
        TarEntry entry = Entry;
        entry.TypeFlag = header.TypeFlag;
        if (!header.Prefix.IsEmpty)
        {
            entry.NameBytes.Set(header.Prefix);
            entry.NameBytes.Append((byte)'/');
        }
        entry.NameBytes.Append(header.Name);
        entry.LinkBytes.Set(header.LinkName);
        entry.Mode = (uint)Field(header.Mode, "mode") & 0xFFF;
        entry.ModifiedSeconds = Field(header.Modified, "time");
        ParseOwner(header);
        if (_global.Length > 0) _pax.Parse(_global.Span, entry);
        if (_local.Length > 0) _pax.Parse(_local.Span, entry);
        _pax.Apply(entry);
        if (_longName.Length > 0) entry.NameBytes.Set(_longName.Span);
        if (_longLink.Length > 0) entry.LinkBytes.Set(_longLink.Span);

        long size = _pax.Size ?? Field(header.Size, "size");
        entry.Kind = KindOf(header.TypeFlag, size);
        // These have no content, whatever their size says; some programs write the size of a link's target there.
        if (entry.Kind is not (TarEntryKind.File or TarEntryKind.Other)) size = 0;
        BeginContent(size);
        entry.Size = entry.StoredSize = size;
        if (header.TypeFlag == 'S') ReadGnuSparse(header);
        else if (entry.Kind == TarEntryKind.File && _pax.Sparse.IsSparse) ReadPaxSparse();
    }

    private TarEntryKind KindOf(byte type, long size) => type switch
    {
        // V7 has no type for directories: the slash tells.
        0 or (byte)'0' when size == 0 && Entry.Name.EndsWith("/"u8) => TarEntryKind.Directory,
        0 or (byte)'0' or (byte)'7' or (byte)'S' => TarEntryKind.File,
        (byte)'1' => TarEntryKind.HardLink,
        (byte)'2' => TarEntryKind.SymbolicLink,
        (byte)'3' => TarEntryKind.CharacterDevice,
        (byte)'4' => TarEntryKind.BlockDevice,
        (byte)'5' => TarEntryKind.Directory,
        (byte)'6' => TarEntryKind.Fifo,
        _ => TarEntryKind.Other,
    };

    private void ParseOwner(in TarHeader header)
    {
        long uid = Field(header.Uid, "owner"), gid = Field(header.Gid, "group");
        if (uid is < 0 or >= uint.MaxValue || gid is < 0 or >= uint.MaxValue)
            throw new TarFormatException($"The owner of the entry '{TarEntry.Show(Entry.Name)}' is no number of a user.");
        (Entry.Uid, Entry.Gid) = ((uint)uid, (uint)gid);
        if (!header.HasDevices || header.TypeFlag is not ((byte)'3' or (byte)'4')) return;
        long major = Field(header.DeviceMajor, "device"), minor = Field(header.DeviceMinor, "device");
        if (major is < 0 or > uint.MaxValue || minor is < 0 or > uint.MaxValue)
            throw new TarFormatException($"The device '{TarEntry.Show(Entry.Name)}' has a number that no device has.");
        (Entry.DeviceMajor, Entry.DeviceMinor) = ((uint)major, (uint)minor);
    }

    /// <summary>Remembers how much follows, and refuses what is beyond the limit before any of it is read.</summary>
    private void BeginContent(long size)
    {
        if (size < 0) throw new TarFormatException($"The entry '{TarEntry.Show(Entry.Name)}' has a negative size.");
        if (size > maxBytes - _holes - _position) throw TooLarge();
        _remaining = size;
        _padding = (int)(-size & (TarHeader.BlockSize - 1));
    }

    private long Field(ReadOnlySpan<byte> field, string name) => TarNumber.TryParseField(field, out long value)
        ? value
        : throw new TarFormatException($"The {name} in the header of '{TarEntry.Show(Entry.Name)}' is not a number.");

    private TarFormatException TooLarge() => new(TarFault.TooLarge, $"The archive unpacks to more than {maxBytes} bytes.");

    private TarFormatException Truncated() => new($"The archive is cut off after {_position} bytes.");
}
