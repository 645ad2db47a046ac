using DockerPS.Engine.Registry;

namespace DockerPS.Engine.Images.Push;

/// <summary>What became of the blobs of a push; counted by many threads.</summary>
internal sealed class PushCounts
{
    private int _uploaded, _mounted, _existing;
    private long _size;

    public int Uploaded => _uploaded;

    public int Mounted => _mounted;

    public int Existing => _existing;

    /// <summary>Bytes of all.</summary>
    public long Size => Interlocked.Read(ref _size);

    public void Add(BlobPush how, long size)
    {
        Interlocked.Increment(ref how == BlobPush.Uploaded ? ref _uploaded : ref how == BlobPush.Mounted ? ref _mounted : ref _existing);
        Interlocked.Add(ref _size, size);
    }
}
