using System.Buffers.Binary;

namespace DockerPS.Engine.Store;

/// <summary>
/// A blob's file that is being written while another process unpacks it. That one reads from the file what was there when it began, and is
/// given everything else as it comes: so the file's pages need not be in memory for it.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="wholePath">Its name from the moment on when it is whole.</param>
/// <param name="length">How long it will be.</param>
internal sealed class GrowingBlob(string path, string wholePath, long length)
{
    private readonly Lock _turn = new();
    private Stream? _reader;
    private long _written;

    public string Path => path;

    public string WholePath => wholePath;

    public long Length => length;

    /// <summary>So many bytes are there before the first ones are written.</summary>
    public void Begin(long written) => _written = written;

    /// <summary>The next bytes are in the file. Waits until the reader has room for them.</summary>
    public void Advance(ReadOnlySpan<byte> bytes)
    {
        lock (_turn)
        {
            _written += bytes.Length;
            if (_reader is null) return;
            try
            {
                _reader.Write(bytes);
            }
            catch (IOException)
            {
                // It has ended, for a reason that it says itself; the blob is wanted all the same.
                _reader = null;
            }
        }
    }

    /// <summary>Tells a reader how many bytes are in the file, and gives it all that follow, as <c>extract-layer --follow</c> wants it.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    public void Attach(Stream reader)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        lock (_turn)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, _written);
            reader.Write(number);
            _reader = reader;
        }
    }

    /// <summary>The reader has ended, and is given nothing any more.</summary>
    public void Detach()
    {
        lock (_turn) _reader = null;
    }
}
