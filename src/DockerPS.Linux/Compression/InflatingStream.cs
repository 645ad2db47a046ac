using System.Runtime.InteropServices;

namespace DockerPS.Linux.Compression;

/// <summary>A source's bytes, inflated by a native library and read forward.</summary>
public abstract unsafe class InflatingStream : Stream
{
    private const int InputLength = 128 << 10;

    private readonly Stream _source;
    private readonly byte* _input = (byte*)NativeMemory.AlignedAlloc(InputLength, 64);
    private bool _disposed;

    private protected InflatingStream(Stream source) => _source = source;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The source has no more.</summary>
    private protected bool SourceEnded { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">It is damaged, of another kind, or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.IsEmpty) return 0;
        fixed (byte* output = buffer) return Inflate(output, buffer.Length);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Fills some of the output; 0 at the end.</summary>
    private protected abstract int Inflate(byte* output, int length);

    /// <summary>Reads more behind what has not been inflated, which is moved to the input's beginning.</summary>
    /// <param name="next">The first byte of both.</param>
    /// <param name="left">Bytes that have not been inflated.</param>
    /// <returns>Bytes of both.</returns>
    private protected int ReadSource(ref byte* next, int left)
    {
        if (left > 0) new Span<byte>(next, left).CopyTo(new Span<byte>(_input, left));
        int read = _source.Read(new Span<byte>(_input + left, InputLength - left));
        SourceEnded = read == 0;
        next = _input;
        return left + read;
    }

    /// <summary>Frees what the library has.</summary>
    private protected abstract void FreeState();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_disposed) return;
        _disposed = true;
        if (disposing) _source.Dispose();
        FreeState();
        NativeMemory.AlignedFree(_input);
        base.Dispose(disposing);
    }
}
