namespace DockerPS.Oci.Layers;

/// <summary>Files with holes.</summary>
public sealed partial class TarReader
{
    /// <summary>GNU's old form: four parts in the header, 21 in each block that follows it.</summary>
    private void ReadGnuSparse(in TarHeader header)
    {
        long realSize = Field(header.SparseSize, "real size");
        bool extended = header.SparseIsExtended;
        bool more = AddParts(header.SparseParts);
        // The blocks stand before the content and are no part of it.
        while (extended)
        {
            if (!ReadBlock()) throw Truncated();
            if (more) more = AddParts(_block.AsSpan(0, 21 * 24));
            extended = _block[504] != 0;
            if (Entry.SparseParts.Count > MaxSparseParts) throw new TarFormatException("A sparse file in the archive has too many parts.");
        }
        CheckSparse(realSize);
    }

    /// <summary>Adds parts up to the first unused one; false when there was one.</summary>
    private bool AddParts(ReadOnlySpan<byte> fields)
    {
        for (; fields.Length >= 24; fields = fields[24..])
        {
            if (fields[0] == 0 || fields[12] == 0) return false;
            Entry.SparseParts.Add(new SparsePart(Field(fields[..12], "map"), Field(fields.Slice(12, 12), "map")));
        }
        return true;
    }

    private void ReadPaxSparse()
    {
        PaxSparse sparse = _pax.Sparse;
        if (!sparse.Name.IsEmpty) Entry.NameBytes.Set(sparse.Name);
        if (sparse.MapInContent) ReadMapFromContent();
        else sparse.CopyTo(Entry.SparseParts);
        CheckSparse(sparse.RealSize);
    }

    /// <summary>Version 1.0: count, then offset and length in turns, a number a line, up to a whole block.</summary>
    private void ReadMapFromContent()
    {
        long before = _remaining;
        long count = ReadLine();
        if (count > MaxSparseParts) throw new TarFormatException("A sparse file in the archive has too many parts.");
        for (long i = 0; i < count; i++) Entry.SparseParts.Add(new SparsePart(ReadLine(), ReadLine()));
        long rest = -(before - _remaining) & (TarHeader.BlockSize - 1);
        while (rest > 0)
        {
            ReadOnlySpan<byte> bytes = PeekContent();
            if (bytes.IsEmpty) throw BadMap();
            int taken = (int)Math.Min(bytes.Length, rest);
            AdvanceContent(taken);
            rest -= taken;
        }
        Entry.StoredSize = _remaining;
    }

    private long ReadLine()
    {
        Span<byte> digits = stackalloc byte[20];
        for (int length = 0; length < digits.Length; length++)
        {
            ReadOnlySpan<byte> bytes = PeekContent();
            if (bytes.IsEmpty) throw BadMap();
            byte next = bytes[0];
            AdvanceContent(1);
            if (next == '\n') return TarNumber.TryParseDecimal(digits[..length], out long value) ? value : throw BadMap();
            digits[length] = next;
        }
        throw BadMap();
    }

    /// <summary>The map has to fit the size and the stored bytes; holes count against the limit as if they were stored.</summary>
    private void CheckSparse(long realSize)
    {
        long end = 0, stored = 0;
        foreach (SparsePart part in Entry.SparseParts)
        {
            if (part.Offset < end || part.Length < 0 || part.Length > realSize - part.Offset) throw BadMap();
            end = part.Offset + part.Length;
            stored += part.Length;
        }
        if (realSize < 0 || stored != Entry.StoredSize) throw BadMap();
        if (realSize - stored > maxBytes - _holes - _position - _remaining) throw TooLarge();
        _holes += realSize - stored;
        Entry.IsSparse = true;
        Entry.Size = realSize;
    }

    private TarFormatException BadMap() => new($"The map of the sparse file '{TarEntry.Show(Entry.Name)}' in the archive is damaged.");
}
