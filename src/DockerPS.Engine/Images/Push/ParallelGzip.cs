using System.Buffers;
using System.IO.Compression;

namespace DockerPS.Engine.Images.Push;

/// <summary>
/// Compresses with all processors: each piece becomes a gzip member of its own, which is as much one gzip file (RFC 1952 2.2). The same input
/// gives the same bytes, however many processors there are.
/// </summary>
internal static class ParallelGzip
{
    private const int PieceLength = 1 << 20;

    /// <summary>Even what does not compress grows by less than this.</summary>
    private const int Growth = 64 << 10;

    /// <summary>zlib-ng's 4 is smaller than what other tools push, at little more than half the time of its 6, which saves 2 percent.</summary>
    private static readonly ZLibCompressionOptions Level = new() { CompressionLevel = 4 };

    private readonly record struct Packed(byte[] Bytes, int Length);

    /// <param name="source">Read to its end, on the caller's thread.</param>
    /// <param name="target">Written in order.</param>
    /// <param name="progress">Called with the plain bytes done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task CompressAsync(Stream source, Stream target, Action<long>? progress, CancellationToken cancellationToken)
    {
        var pieces = new Queue<Task<Packed>>();
        long done = 0;
        for (bool more = true; more;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] piece = ArrayPool<byte>.Shared.Rent(PieceLength);
            int length = source.ReadAtLeast(piece.AsSpan(0, PieceLength), PieceLength, throwOnEndOfStream: false);
            more = length == PieceLength;
            // Nothing at all is a member too: an empty file is no gzip.
            if (length > 0 || done == 0) pieces.Enqueue(Task.Run(() => Compress(piece, length), cancellationToken));
            done += length;
            if (pieces.Count > Environment.ProcessorCount) await WriteAsync().ConfigureAwait(false);
            progress?.Invoke(done);
        }

        while (pieces.Count > 0) await WriteAsync().ConfigureAwait(false);

        async Task WriteAsync()
        {
            Packed packed = await pieces.Dequeue().ConfigureAwait(false);
            await target.WriteAsync(packed.Bytes.AsMemory(0, packed.Length), cancellationToken).ConfigureAwait(false);
            ArrayPool<byte>.Shared.Return(packed.Bytes);
        }
    }

    private static Packed Compress(byte[] piece, int length)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(PieceLength + Growth);
        var packed = new MemoryStream(bytes);
        using (var gzip = new GZipStream(packed, Level, leaveOpen: true)) gzip.Write(piece, 0, length);
        ArrayPool<byte>.Shared.Return(piece);
        return new Packed(bytes, (int)packed.Position);
    }
}
