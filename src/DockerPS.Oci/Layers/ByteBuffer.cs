namespace DockerPS.Oci.Layers;

/// <summary>Bytes that are filled again and again without being allocated again.</summary>
internal struct ByteBuffer
{
    private byte[]? _bytes;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Set(ReadOnlySpan<byte> bytes)
    {
        Length = 0;
        Append(bytes);
    }

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Extend(bytes.Length));

    public void Append(byte value) => Extend(1)[0] = value;

    /// <summary>Room for more bytes at the end, to be filled by the caller.</summary>
    public Span<byte> Extend(int count)
    {
        int needed = Length + count;
        if (_bytes is null || _bytes.Length < needed) Array.Resize(ref _bytes, Math.Max(needed, Math.Max(256, Length * 2)));
        Span<byte> added = _bytes.AsSpan(Length, count);
        Length = needed;
        return added;
    }

    public void Truncate(int length) => Length = length;
}
