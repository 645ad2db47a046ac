using System.Threading.Channels;

namespace DockerPS.Engine.Images.Archives;

/// <summary>Reads a stream on a thread of its own, a few buffers ahead, so that inflating and hashing run side by side.</summary>
internal sealed class ReadAheadStream : ForwardStream
{
    private const int BufferLength = 1 << 20;
    private const int Buffers = 4;

    private readonly Stream _source;
    private readonly Channel<(byte[] Buffer, int Length)> _filled =
        Channel.CreateBounded<(byte[], int)>(new BoundedChannelOptions(Buffers) { SingleReader = true, SingleWriter = true });

    private readonly Channel<byte[]> _free = Channel.CreateUnbounded<byte[]>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private byte[] _current = [];
    private int _position;
    private int _length;

    public ReadAheadStream(Stream source)
    {
        _source = source;
        for (int i = 0; i < Buffers; i++) _free.Writer.TryWrite(new byte[BufferLength]);
        _reading = Task.Run(FillAsync);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_position == _length && !Next()) return 0;
        int count = Math.Min(buffer.Length, _length - _position);
        _current.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Cancel();
            _reading.GetAwaiter().GetResult();
            _source.Dispose();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool Next()
    {
        if (_current.Length > 0) _free.Writer.TryWrite(_current);
        _current = [];
        _position = _length = 0;

        // The end of the source, or its error, which is thrown here.
        if (!_filled.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult()) return false;
        return _filled.Reader.TryRead(out (byte[] Buffer, int Length) next) && (_length = next.Length) > 0 && (_current = next.Buffer) is not null;
    }

    /// <summary>What came before an error is still given to the reader.</summary>
    private (int Length, Exception? Failure) Fill(byte[] buffer)
    {
        int length = 0;
        try
        {
            for (int read; length < buffer.Length && (read = _source.Read(buffer.AsSpan(length))) > 0;) length += read;
            return (length, null);
        }
        catch (Exception e)
        {
            return (length, e);
        }
    }

    private async Task FillAsync()
    {
        try
        {
            while (true)
            {
                byte[] buffer = await _free.Reader.ReadAsync(_stop.Token).ConfigureAwait(false);
                (int length, Exception? failure) = Fill(buffer);
                if (length > 0) await _filled.Writer.WriteAsync((buffer, length), _stop.Token).ConfigureAwait(false);
                if (length > 0 && failure is null) continue;
                _filled.Writer.Complete(failure);
                break;
            }
        }
        catch (Exception e)
        {
            _filled.Writer.TryComplete(e is OperationCanceledException ? null : e);
        }
    }
}
