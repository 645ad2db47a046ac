using System.Security.Cryptography;
using DockerPS.Engine.Images.Archives;
using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Images.Verification;

/// <summary>Hashes a stream while somebody reads it.</summary>
internal sealed class HashedRead(Stream source, Digest expected, Action<long> read, CancellationToken cancellationToken) : ForwardStream
{
    private readonly IncrementalHash _hash = expected.NewHash();

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
    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }
}
