using System.Security.Cryptography;
using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Images.Verification;

/// <summary>Hashes a stream while somebody reads it.</summary>
internal sealed class HashedRead(Stream source, Digest expected, Action<long> read, CancellationToken cancellationToken) : Stream
{
    private readonly IncrementalHash _hash = expected.NewHash();

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

    /// <summary>Reads what nobody wanted.</summary>
    public void Drain()
    {
        byte[] buffer = new byte[256 << 10];
        while (Read(buffer) > 0)
        {
        }
    }

    /// <summary>Null when all that was read has the digest.</summary>
    public string? Problem()
    {
        byte[] actual = _hash.GetHashAndReset();
        return expected.Matches(actual) ? null : $"It should have the digest {expected} and has {expected.Algorithm}:{Convert.ToHexStringLower(actual)}.";
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int length = source.Read(buffer);
        _hash.AppendData(buffer[..length]);
        read(length);
        return length;
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

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }
}
