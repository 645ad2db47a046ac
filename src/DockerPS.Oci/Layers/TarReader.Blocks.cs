namespace DockerPS.Oci.Layers;

/// <summary>Blocks and the headers that tell of other headers.</summary>
public sealed partial class TarReader
{
    /// <summary>Reads a header into the block; false at the end, which is two blocks of zeros or the end of the stream.</summary>
    private bool ReadHeader()
    {
        if (!ReadBlock())
        {
            if (_position == 0) throw new TarFormatException("The archive is empty: there is not even its end in it.");
            return false;
        }
        var header = new TarHeader(_block);
        if (header.IsZero)
        {
            if (!ReadBlock() || new TarHeader(_block).IsZero) return false;
            throw new TarFormatException($"The archive has garbage after its end, at byte {_position - TarHeader.BlockSize}.");
        }
        if (header.ChecksumIsRight()) return true;
        throw new TarFormatException(_position == TarHeader.BlockSize
            ? "This is not a tar archive."
            : $"The archive is damaged: the header at byte {_position - TarHeader.BlockSize} has a wrong checksum.");
    }

    /// <summary>Fills the block; false at the end of the stream.</summary>
    private bool ReadBlock()
    {
        int filled = 0;
        while (filled < _block.Length)
        {
            ReadOnlySpan<byte> bytes = input.Peek();
            if (bytes.IsEmpty)
            {
                if (filled == 0) return false;
                if (_position == 0) throw new TarFormatException("This is not a tar archive.");
                throw Truncated();
            }
            int count = Math.Min(bytes.Length, _block.Length - filled);
            bytes[..count].CopyTo(_block.AsSpan(filled));
            input.Advance(count);
            filled += count;
        }
        _position += filled;
        if (_position > maxBytes - _holes) throw TooLarge();
        return true;
    }

    private void SkipContent()
    {
        while (_remaining > 0) AdvanceContent(PeekContent().Length);
        while (_padding > 0)
        {
            ReadOnlySpan<byte> bytes = input.Peek();
            // Some tools end an archive with its last byte of content, and others' readers take that for its end.
            if (bytes.IsEmpty) return;
            int count = Math.Min(bytes.Length, _padding);
            input.Advance(count);
            _position += count;
            _padding -= count;
        }
    }

    private void ReadMeta(in TarHeader header, ref ByteBuffer buffer, int limit, string what)
    {
        if (!TarNumber.TryParseField(header.Size, out long size) || size < 0)
            throw new TarFormatException($"The size of an {what} of the archive is not a number.");
        if (size > limit) throw new TarFormatException($"An {what} of the archive claims {size} bytes, which is absurd.");
        BeginContent(size);
        while (_remaining > 0)
        {
            ReadOnlySpan<byte> bytes = PeekContent();
            buffer.Append(bytes);
            AdvanceContent(bytes.Length);
        }
        SkipContent();
    }

    /// <summary>GNU's long name: content of its own up to NUL.</summary>
    private void ReadLongName(in TarHeader header, ref ByteBuffer buffer)
    {
        ReadMeta(header, ref buffer, MaxNameLength + 1, "over-long name");
        int end = buffer.Span.IndexOf((byte)0);
        if (end >= 0) buffer.Truncate(end);
        if (buffer.Length == 0) throw new TarFormatException("A long name in the archive is empty.");
    }
}
