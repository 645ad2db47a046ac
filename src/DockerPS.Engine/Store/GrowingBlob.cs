using System.Buffers.Binary;
using System.Threading.Channels;

namespace DockerPS.Engine.Store;

/// <summary>A blob's file that is being written while another process reads it, which is told how far it is.</summary>
/// <param name="path">The file.</param>
/// <param name="wholePath">Its name from the moment on when it is whole.</param>
/// <param name="length">How long it will be.</param>
internal sealed class GrowingBlob(string path, string wholePath, long length)
{
    /// <summary>One sign suffices, however often it grew: the reader is told the newest length.</summary>
    private readonly Channel<bool> _grown = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _written;

    public string Path => path;

    public string WholePath => wholePath;

    public long Length => length;

    /// <summary>So many bytes are there now.</summary>
    public void Advance(long written)
    {
        Volatile.Write(ref _written, written);
        _grown.Writer.TryWrite(true);
    }

    /// <summary>Tells the reader until all is there, as <c>extract-layer --follow</c> wants it. Its end ends this silently.</summary>
    public async Task TellAsync(Stream reader, CancellationToken cancellationToken)
    {
        var number = new byte[sizeof(long)];
        for (long told = -1; told < length;)
        {
            long written = Volatile.Read(ref _written);
            if (written > told)
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, told = written);
                await reader.WriteAsync(number, cancellationToken).ConfigureAwait(false);
                await reader.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _grown.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
