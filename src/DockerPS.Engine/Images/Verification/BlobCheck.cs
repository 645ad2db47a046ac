using System.IO.Compression;
using System.Security.Cryptography;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images.Verification;

/// <summary>Reads stored blobs whole and says what is wrong with them.</summary>
/// <param name="store">The store.</param>
/// <param name="read">Called with the number of further bytes that were read. By many threads.</param>
internal sealed class BlobCheck(ImageStore store, Action<long> read)
{
    private const int BufferLength = 256 << 10;

    /// <summary>Null when the blob is there and has its digest.</summary>
    public string? ProblemOf(Digest digest, CancellationToken cancellationToken)
    {
        if (!store.Blobs.Has(digest)) return "It is not in the store.";
        using FileStream file = Open(digest);
        using var hashed = new HashedRead(file, digest, read, cancellationToken);
        hashed.Drain();
        return hashed.Problem();
    }

    /// <summary>As <see cref="ProblemOf"/>, of a layer's archive; what is in it has to have its diff id, too.</summary>
    public string? ProblemOfLayer(Digest digest, Digest diffId, CancellationToken cancellationToken)
    {
        if (digest == diffId || !store.Blobs.Has(digest)) return ProblemOf(digest, cancellationToken);
        Compression compression = new ArchiveFile(store.Blobs.PathOf(digest), 0, store.Blobs.LengthOf(digest)).Compression();
        using FileStream file = Open(digest);
        using var hashed = new HashedRead(file, digest, read, cancellationToken);
        string? inner = InnerProblem(hashed, compression, diffId);
        // A wrong digest says it all; what is inside then only follows from it.
        hashed.Drain();
        return hashed.Problem() ?? inner;
    }

    private static string? InnerProblem(HashedRead stream, Compression compression, Digest diffId)
    {
        try
        {
            using Stream? inflated = compression switch
            {
                Compression.Gzip => new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true),
                Compression.Zstd => new ZstdSharp.DecompressionStream(stream, leaveOpen: true),
                _ => null,
            };
            Stream plain = inflated ?? stream;
            using IncrementalHash hash = diffId.NewHash();
            byte[] buffer = new byte[BufferLength];
            for (int length; (length = plain.Read(buffer)) > 0;) hash.AppendData(buffer, 0, length);
            byte[] actual = hash.GetHashAndReset();
            return diffId.Matches(actual) ? null : $"What is in it should have the digest {diffId} and has {diffId.Algorithm}:{Convert.ToHexStringLower(actual)}.";
        }
        catch (Exception e) when (ArchiveErrors.IsDamage(e))
        {
            return $"It cannot be decompressed: {e.Message.TrimEnd('.')}.";
        }
    }

    private FileStream Open(Digest digest) => new(
        store.Blobs.PathOf(digest), new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan });
}
