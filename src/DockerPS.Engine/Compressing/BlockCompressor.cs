using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Compressing;

/// <summary>
/// Compresses with all processors: the stream is cut into blocks of one length that know nothing of each other. With zstd each is a frame;
/// with gzip they are parts of one member, as pigz makes them, since not every reader takes several. The same bytes give the same output,
/// however many processors there are.
/// </summary>
internal sealed class BlockCompressor : Stream
{
    private const int BlockLength = 1 << 20, SampleLength = 64 << 10;
    private const int ZstdLevel = 3;

    /// <summary>zlib-ng's 3 is as small as what skopeo and docker make; its 6 saves 3 percent for a third more time.</summary>
    private static readonly ZLibCompressionOptions Deflate = new() { CompressionLevel = 3 }, Stored = new() { CompressionLevel = 0 };

    /// <summary>What a sample keeps of its length when compressing is not worth the time.</summary>
    private const double Incompressible = 0.97;

    /// <summary>No name and no time; of an unknown system.</summary>
    private static ReadOnlySpan<byte> GzipHeader => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

    /// <summary>An empty last block: those before it end on a whole byte and say that more follows.</summary>
    private static ReadOnlySpan<byte> DeflateEnd => [3, 0];

    private readonly Stream _target;
    private readonly Compression _compression;
    private readonly int _atOnce = Math.Clamp(Environment.ProcessorCount, 1, 16);
    private readonly Queue<Task<MemoryStream>> _working = new();
    private readonly Stack<byte[]> _free = new();
    private readonly Stack<MemoryStream> _spare = new();
    private byte[] _block = GC.AllocateUninitializedArray<byte>(BlockLength);
    private readonly Crc32 _checksum = new();
    private int _filled;
    private long _length;
    private bool _any;

    /// <param name="target">Gets the compressed bytes; stays open.</param>
    /// <param name="compression">Gzip or Zstd.</param>
    public BlockCompressor(Stream target, Compression compression)
    {
        _target = target;
        _compression = compression;
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(buffer.Length, BlockLength - _filled);
            buffer[..count].CopyTo(_block.AsSpan(_filled));
            buffer = buffer[count..];
            _filled += count;
            if (_filled == BlockLength) Begin();
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes what is left; nothing may be written after it.</summary>
    public void Complete()
    {
        if (_filled > 0 || !_any) Begin();
        while (_working.Count > 0) WriteNext();
        if (_compression != Compression.Gzip) return;
        Span<byte> trailer = stackalloc byte[8];
        _checksum.GetCurrentHash(trailer);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)_length);
        _target.Write(DeflateEnd);
        _target.Write(trailer);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Waits for the work that still uses the buffers.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Task.WhenAll(_working).ContinueWith(static t => _ = t.Exception, TaskScheduler.Default).Wait();
        base.Dispose(disposing);
    }

    private void Begin()
    {
        byte[] block = _block;
        int length = _filled;
        MemoryStream output = _spare.TryPop(out MemoryStream? spare) ? spare : new MemoryStream(BlockLength / 2);
        output.SetLength(0);
        if (_compression == Compression.Gzip)
        {
            if (!_any) _target.Write(GzipHeader);
            _checksum.Append(block.AsSpan(0, length));
        }

        _length += length;
        _any = true;
        _working.Enqueue(Task.Run(() =>
        {
            Compress(block.AsSpan(0, length), output);
            lock (_free) _free.Push(block);
            return output;
        }));
        while (_working.Count > _atOnce) WriteNext();
        _filled = 0;
        lock (_free) _block = _free.TryPop(out byte[]? free) ? free : GC.AllocateUninitializedArray<byte>(BlockLength);
    }

    private void WriteNext()
    {
        MemoryStream done = _working.Dequeue().GetAwaiter().GetResult();
        _target.Write(done.GetBuffer(), 0, (int)done.Length);
        _spare.Push(done);
    }

    private void Compress(ReadOnlySpan<byte> block, MemoryStream output)
    {
        if (_compression == Compression.Zstd)
        {
            using var zstd = new ZstdSharp.Compressor(ZstdLevel);
            output.Write(zstd.Wrap(block));
            return;
        }

        long end;
        using (var deflate = new DeflateStream(output, IsWorthwhile(block) ? Deflate : Stored, leaveOpen: true))
        {
            deflate.Write(block);
            deflate.Flush();
            end = output.Length;
        }

        // Without the end that closing the stream wrote.
        output.SetLength(end);
    }

    /// <summary>Layers that are compressed already are most of many archives: they are stored as they are.</summary>
    private static bool IsWorthwhile(ReadOnlySpan<byte> block)
    {
        if (block.Length < 2 * SampleLength) return true;
        using var sample = new MemoryStream(SampleLength);
        using (var gzip = new GZipStream(sample, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(block.Slice(block.Length / 2, SampleLength));
        return sample.Length < Incompressible * SampleLength;
    }
}
