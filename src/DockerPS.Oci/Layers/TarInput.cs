namespace DockerPS.Oci.Layers;

/// <summary>Where a <see cref="TarReader"/> takes its bytes from without copying them.</summary>
public abstract class TarInput
{
    /// <summary>Bytes at hand, empty only at the end of the stream; valid until the next call of this method.</summary>
    public abstract ReadOnlySpan<byte> Peek();

    /// <summary>Gives back the first <paramref name="count"/> of the bytes that <see cref="Peek"/> showed.</summary>
    public abstract void Advance(int count);

    /// <summary>Takes the next bytes into a buffer: as many as come at once, 0 only at the end of the stream.</summary>
    public virtual int Read(Span<byte> buffer)
    {
        ReadOnlySpan<byte> bytes = Peek();
        if (bytes.Length > buffer.Length) bytes = bytes[..buffer.Length];
        bytes.CopyTo(buffer);
        Advance(bytes.Length);
        return bytes.Length;
    }
}

/// <summary>A <see cref="TarInput"/> over any stream.</summary>
public sealed class StreamTarInput(Stream stream, int bufferSize = 128 << 10) : TarInput
{
    private readonly byte[] _buffer = new byte[bufferSize];
    private int _start, _end;

    public override ReadOnlySpan<byte> Peek()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = stream.Read(_buffer);
        }
        return _buffer.AsSpan(_start, _end - _start);
    }

    public override void Advance(int count) => _start += count;
}
