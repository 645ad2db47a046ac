using System.IO.Compression;

namespace DockerPS.Engine.Images.Push;

/// <summary>
/// Compresses with all processors: each piece becomes a gzip member of its own, which is as much one gzip file (RFC 1952 2.2). The same input
/// gives the same bytes, however many processors there are.
/// </summary>
internal static class ParallelGzip
{
    private const int PieceLength = 1 << 20;
    private const CompressionLevel Level = CompressionLevel.Optimal;

    /// <param name="source">Read to its end, on the caller's thread.</param>
    /// <param name="target">Written in order.</param>
    /// <param name="progress">Called with the plain bytes done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task CompressAsync(Stream source, Stream target, Action<long>? progress, CancellationToken cancellationToken)
    {
        var pieces = new Queue<Task<MemoryStream>>();
        long done = 0;
        for (bool more = true; more;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] piece = GC.AllocateUninitializedArray<byte>(PieceLength);
            int length = source.ReadAtLeast(piece, PieceLength, throwOnEndOfStream: false);
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
            MemoryStream packed = await pieces.Dequeue().ConfigureAwait(false);
            await target.WriteAsync(packed.GetBuffer().AsMemory(0, (int)packed.Length), cancellationToken).ConfigureAwait(false);
        }
    }

    private static MemoryStream Compress(byte[] piece, int length)
    {
        var packed = new MemoryStream(PieceLength / 2);
        using (var gzip = new GZipStream(packed, Level, leaveOpen: true)) gzip.Write(piece, 0, length);
        return packed;
    }
}
