using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// A layer that is stored as it is and hashed by somebody else. Nothing is to be done ahead, and large files' content goes from the blob
/// straight to where it is written from: at the speed of disks of today each copy in memory is felt.
/// </summary>
internal sealed class PlainLayer(FileRange blob) : LayerInput
{
    /// <summary>Headers and small files are read in pieces of this size, and larger requests are not buffered.</summary>
    private const int BufferSize = 128 << 10;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
    private int _start, _end;

    public override long InputPosition => blob.Position - (_end - _start);

    public override ReadOnlySpan<byte> Peek()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            _end = ReadBlob(_buffer);
        }
        return _buffer.AsSpan(_start, _end - _start);
    }

    public override void Advance(int count) => _start += count;

    public override int Read(Span<byte> buffer) =>
        _start == _end && buffer.Length >= BufferSize ? ReadBlob(buffer) : base.Read(buffer);

    public override string? Finish() => null;

    public override void Dispose() => blob.Dispose();

    private int ReadBlob(Span<byte> buffer)
    {
        Turn?.Invoke();
        try
        {
            return blob.Read(buffer);
        }
        catch (IOException e)
        {
            throw Unreadable(e);
        }
    }
}
