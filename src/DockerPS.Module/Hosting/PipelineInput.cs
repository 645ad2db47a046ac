using System.Management.Automation;
using System.Text;
using System.Threading.Channels;

namespace DockerPS.Module.Hosting;

/// <summary>Standard input that is fed from the pipeline: the cmdlet writes objects, the engine reads bytes.</summary>
internal sealed class PipelineInput : Stream
{
    private readonly Channel<ReadOnlyMemory<byte>> _chunks = Channel.CreateBounded<ReadOnlyMemory<byte>>(64);
    private ReadOnlyMemory<byte> _current;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Hands an object over: bytes as they are, anything else as a line of text. Waits for the reader; nobody reading, it is dropped.</summary>
    public async Task SendAsync(object? input, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes = Bytes(input);
        if (bytes.IsEmpty) return;
        try
        {
            await _chunks.Writer.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // The process has ended without reading all; as with a closed pipe its own exit code tells what that means.
        }
    }

    /// <summary>No more input; also lets a waiting writer go when the reader has gone.</summary>
    public void Complete() => _chunks.Writer.TryComplete();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_current.IsEmpty)
        {
            if (!await _chunks.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) return 0;
            _chunks.Reader.TryRead(out _current);
        }
        int count = Math.Min(buffer.Length, _current.Length);
        _current.Span[..count].CopyTo(buffer.Span);
        _current = _current[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static ReadOnlyMemory<byte> Bytes(object? input) => (input is PSObject wrapped ? wrapped.BaseObject : input) switch
    {
        null => "\n"u8.ToArray(),
        byte[] bytes => bytes,
        byte single => new[] { single },
        object other => Encoding.UTF8.GetBytes(LanguagePrimitives.ConvertTo<string>(other) + "\n"),
    };
}
