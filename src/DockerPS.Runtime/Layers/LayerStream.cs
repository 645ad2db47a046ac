using System.IO.Compression;
using System.Security.Cryptography;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// A layer's uncompressed bytes, made ahead of the reader by a thread of their own: it reads, decompresses and hashes into a ring
/// of a few buffers, while the reader writes files.
/// </summary>
internal sealed class LayerStream : TarInput, IDisposable
{
    private const int BufferCount = 6, BufferSize = 256 << 10;

    private readonly object _ring = new();
    private readonly byte[][] _buffers = new byte[BufferCount][];
    private readonly int[] _lengths = new int[BufferCount];
    private readonly long _maxBytes;
    private readonly bool _hashed;
    private readonly FileRange _blob;
    private readonly Stream _content;
    private readonly string _format;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Thread _thread;
    private long _produced, _consumed, _inputPosition;
    private bool _ended, _aborted;
    private Exception? _failure;
    private int _start, _end;
    private bool _holding;

    /// <summary>
    /// Opens the blob and whatever decompresses and hashes it. All files that these read are read here: afterwards the process
    /// may change its root.
    /// </summary>
    public LayerStream(LayerRequest layer)
    {
        string blob = layer.Blob;
        _maxBytes = layer.MaxBytes;
        _hashed = layer is not { Verified: true, DiffId: not null };
        try
        {
            _blob = new FileRange(blob, layer.Offset, layer.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            int errno = e is FileNotFoundException or DirectoryNotFoundException ? Errno.ENOENT : e.HResult & 0xFFFF;
            throw LayerException.Of(RuntimeStages.Archive, $"The layer's file '{blob}' cannot be opened.", $"open({blob})", errno);
        }
        Span<byte> magic = stackalloc byte[4];
        int read = _blob.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        _blob.Position = 0;
        magic = magic[..read];
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            (_format, _content) = ("gzip", new GZipStream(new BufferedStream(_blob, 128 << 10), CompressionMode.Decompress));
        else if (magic.SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])
            || magic.Length == 4 && (magic[0] & 0xF0) == 0x50 && magic[1..].SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18]))
            (_format, _content) = ("zstd", new ZstdSharp.DecompressionStream(_blob, 128 << 10));
        else
            (_format, _content) = ("tar", _blob);
        // The first digest loads the cryptographic library.
        _hash.AppendData(magic);
        _ = _hash.GetHashAndReset();
        for (int i = 0; i < BufferCount; i++) _buffers[i] = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
        _thread = new Thread(Produce, 1 << 20) { IsBackground = true };
    }

    /// <summary>Bytes of the blob that were read.</summary>
    public long InputPosition => Volatile.Read(ref _inputPosition);

    /// <summary>Called on the reader's thread whenever it takes the next buffer.</summary>
    public Action? Turn { get; set; }

    public void Start() => _thread.Start();

    public override ReadOnlySpan<byte> Peek()
    {
        if (_start == _end && !Next()) return default;
        return _buffers[_consumed % BufferCount].AsSpan(_start, _end - _start);
    }

    public override void Advance(int count) => _start += count;

    /// <summary>Reads what is left and returns <c>sha256:…</c> of the whole stream; meaningless when it is not hashed.</summary>
    public string Finish()
    {
        while (true)
        {
            int count = Peek().Length;
            if (count == 0) break;
            Advance(count);
        }
        _thread.Join();
        return "sha256:" + Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose()
    {
        lock (_ring)
        {
            _aborted = true;
            Monitor.PulseAll(_ring);
        }
        if (_thread.IsAlive) _thread.Join();
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
                Monitor.Pulse(_ring);
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
                if (_hashed) _hash.AppendData(buffer.AsSpan(0, length));
                lock (_ring)
                {
                    _lengths[turn % BufferCount] = length;
                    _produced++;
                    Monitor.Pulse(_ring);
                }
            }
        }
        catch (TarFormatException e)
        {
            failure = e;
        }
        catch (IOException e) when (e is not EndOfStreamException && _format == "tar")
        {
            failure = LayerException.Of(RuntimeStages.Archive, $"The layer's file cannot be read: {e.Message}", "read", e.HResult & 0xFFFF);
        }
        // Decompressors throw a dozen types over damaged bytes; all of them mean the same.
        catch (Exception e)
        {
            failure = new TarFormatException($"The layer's {_format} stream is damaged or cut off.", e);
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
            while (turn - _consumed >= BufferCount && !_aborted) Monitor.Wait(_ring);
            return !_aborted;
        }
    }
}
