using System.IO.Compression;
using System.Security.Cryptography;
using DockerPS.Linux;
using DockerPS.Linux.Compression;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// A layer's uncompressed bytes, made ahead of the reader: one thread reads and decompresses into a ring of a few buffers and another
/// hashes them, while the reader writes files.
/// </summary>
internal sealed class LayerStream : LayerInput
{
    private const int BufferCount = 8, BufferSize = 256 << 10;

    private readonly object _ring = new();
    private readonly byte[][] _buffers = new byte[BufferCount][];
    private readonly int[] _lengths = new int[BufferCount];
    private readonly long _maxBytes;
    private readonly FileRange _blob;
    private readonly Stream _content;
    private readonly LayerFormat _format;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Thread _thread;
    private readonly Thread _hasher;
    private long _produced, _hashed, _consumed, _inputPosition;
    private bool _ended, _aborted;
    private Exception? _failure;
    private int _start, _end;
    private bool _holding;

    public LayerStream(FileRange blob, LayerFormat format, long maxBytes)
    {
        (_blob, _format, _maxBytes) = (blob, format, maxBytes);
        _content = format switch
        {
            LayerFormat.Gzip => IsalGzipStream.TryOpen(blob) ?? (Stream)new GZipStream(new BufferedStream(blob, 128 << 10), CompressionMode.Decompress),
            LayerFormat.Zstd => LibZstdStream.TryOpen(blob) ?? (Stream)new ZstdSharp.DecompressionStream(blob, 128 << 10),
            _ => blob,
        };
        // The first digest loads the cryptographic library.
        _hash.AppendData("tar"u8);
        _ = _hash.GetHashAndReset();
        for (int i = 0; i < BufferCount; i++) _buffers[i] = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
        _thread = new Thread(Produce, 1 << 20) { IsBackground = true };
        _hasher = new Thread(Hash, 256 << 10) { IsBackground = true };
    }

    public override long InputPosition => Volatile.Read(ref _inputPosition);

    public override void Start()
    {
        _thread.Start();
        _hasher.Start();
    }

    public override ReadOnlySpan<byte> Peek()
    {
        if (_start == _end && !Next()) return default;
        return _buffers[_consumed % BufferCount].AsSpan(_start, _end - _start);
    }

    public override void Advance(int count) => _start += count;

    public override string? Finish()
    {
        while (true)
        {
            int count = Peek().Length;
            if (count == 0) break;
            Advance(count);
        }
        _thread.Join();
        _hasher.Join();
        return "sha256:" + Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public override void Dispose()
    {
        lock (_ring)
        {
            _aborted = true;
            Monitor.PulseAll(_ring);
        }
        // It may wait for the blob to grow.
        _blob.StopWaiting();
        if (_thread.IsAlive) _thread.Join();
        if (_hasher.IsAlive) _hasher.Join();
        _content.Dispose();
        _blob.Dispose();
        _hash.Dispose();
    }

    private bool Next()
    {
        lock (_ring)
        {
            if (_holding)
            {
                _consumed++;
                _holding = false;
                Monitor.PulseAll(_ring);
            }
            while (_produced == _consumed && !_ended) Monitor.Wait(_ring);
            _start = _end = 0;
            if (_produced == _consumed) return _failure is null ? false : throw _failure;
            _end = _lengths[_consumed % BufferCount];
            _holding = true;
        }
        Turn?.Invoke();
        return true;
    }

    private void Produce()
    {
        Exception? failure = null;
        try
        {
            long total = 0;
            for (long turn = 0; AwaitFree(turn); turn++)
            {
                byte[] buffer = _buffers[turn % BufferCount];
                int length = _content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                if (length == 0) break;
                total += length;
                if (total > _maxBytes) throw new TarFormatException(TarFault.TooLarge, $"The archive unpacks to more than {_maxBytes} bytes.");
                Volatile.Write(ref _inputPosition, _blob.Position);
                lock (_ring)
                {
                    _lengths[turn % BufferCount] = length;
                    _produced++;
                    Monitor.PulseAll(_ring);
                }
            }
        }
        catch (Exception e) when (e is TarFormatException or LayerException)
        {
            failure = e;
        }
        catch (IOException e) when (e is not EndOfStreamException && _format == LayerFormat.Tar)
        {
            failure = Unreadable(e);
        }
        // Decompressors throw a dozen types over damaged bytes; all of them mean the same.
        catch (Exception e)
        {
            failure = new TarFormatException($"The layer's {_format.ToString().ToLowerInvariant()} stream is damaged or cut off.", e);
        }
        lock (_ring)
        {
            _failure = failure;
            _ended = true;
            Monitor.PulseAll(_ring);
        }
    }

    private bool AwaitFree(long turn)
    {
        lock (_ring)
        {
            while (turn - Math.Min(_consumed, _hashed) >= BufferCount && !_aborted) Monitor.Wait(_ring);
            return !_aborted;
        }
    }

    /// <summary>Follows the producer, buffer after buffer.</summary>
    private void Hash()
    {
        while (true)
        {
            lock (_ring)
            {
                while (_produced == _hashed && !_ended && !_aborted) Monitor.Wait(_ring);
                if (_produced == _hashed || _aborted) return;
            }
            int index = (int)(_hashed % BufferCount);
            _hash.AppendData(_buffers[index].AsSpan(0, _lengths[index]));
            lock (_ring)
            {
                _hashed++;
                Monitor.PulseAll(_ring);
            }
        }
    }
}
