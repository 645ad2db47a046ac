using Microsoft.Win32.SafeHandles;

namespace DockerPS.Runtime.Layers;

/// <summary>A part of a file, read forward: a layer within the archive of an image. Not buffered.</summary>
internal sealed class FileRange : Stream
{
    private readonly BlobFeed? _feed;
    private readonly SafeFileHandle _file;
    private readonly long _start;
    private readonly long _length;
    private readonly byte[] _ahead = new byte[4];
    private int _aheadStart, _aheadEnd;
    private long _position;

    /// <param name="path">The file.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="length">Its length; null for all to the end.</param>
    /// <param name="feed">Gives what is not in the file; null when all is.</param>
    public FileRange(string path, long start, long? length, BlobFeed? feed)
    {
        _feed = feed;
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        _start = start;
        _length = length ?? long.MaxValue;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <summary>Bytes that were read.</summary>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>The first four bytes, or fewer of a shorter one, which are read again afterwards.</summary>
    public ReadOnlySpan<byte> PeekStart()
    {
        while (_aheadEnd < _ahead.Length && ReadOn(_ahead.AsSpan(_aheadEnd), _aheadEnd) is > 0 and var read) _aheadEnd += read;
        return _ahead.AsSpan(0, _aheadEnd);
    }

    /// <summary>Ends a read on another thread that waits for more of the blob.</summary>
    public void StopWaiting() => _feed?.Stop();

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read;
        if (_aheadStart < _aheadEnd)
        {
            read = Math.Min(buffer.Length, _aheadEnd - _aheadStart);
            _ahead.AsSpan(_aheadStart, read).CopyTo(buffer);
            _aheadStart += read;
        }
        else
        {
            read = ReadOn(buffer, _position);
        }

        _position += read;
        return read;
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

    private int ReadOn(Span<byte> buffer, long position)
    {
        int wanted = (int)Math.Min(buffer.Length, _length - position);
        if (wanted == 0) return 0;
        if (_feed is null) return RandomAccess.Read(_file, buffer[..wanted], _start + position);
        long stored = _feed.Stored - position;
        return stored > 0 ? RandomAccess.Read(_file, buffer[..(int)Math.Min(wanted, stored)], _start + position) : _feed.Read(buffer[..wanted]);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
