using Microsoft.Win32.SafeHandles;

namespace DockerPS.Runtime.Layers;

/// <summary>A part of a file, read forward: a layer within the archive of an image. Not buffered.</summary>
internal sealed class FileRange : Stream
{
    private readonly BlobGrowth? _growth;
    private readonly SafeFileHandle _file;
    private readonly long _start;
    private readonly long _length;
    private long _position;

    /// <param name="path">The file.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="length">Its length; null for all to the end.</param>
    /// <param name="growth">Tells how much of the part is there; null when all is.</param>
    public FileRange(string path, long start, long? length, BlobGrowth? growth)
    {
        _growth = growth;
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

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    /// <summary>Ends a read on another thread that waits for more of the blob.</summary>
    public void StopWaiting() => _growth?.Stop();

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, _length - _position);
        if (wanted > 0 && _growth is not null) wanted = (int)Math.Min(wanted, _growth.Await(_position) - _position);
        int read = wanted == 0 ? 0 : RandomAccess.Read(_file, buffer[..wanted], _start + _position);
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

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
