namespace DockerPS.Module.Hosting;

/// <summary>Bytes a second of the last seconds.</summary>
internal sealed class TransferRate
{
    private const int WindowMilliseconds = 3000, LeastMilliseconds = 200;

    private readonly Queue<(long Time, long Bytes)> _samples = new();

    /// <summary>With so many bytes done at this moment; 0 while that cannot be told.</summary>
    public long Of(long bytes, long now)
    {
        // Another kind of work begins anew.
        if (_samples.Count > 0 && bytes < _samples.Last().Bytes) _samples.Clear();
        while (_samples.Count > 1 && now - _samples.Peek().Time > WindowMilliseconds) _samples.Dequeue();
        _samples.Enqueue((now, bytes));
        (long time, long before) = _samples.Peek();
        return now - time >= LeastMilliseconds ? (bytes - before) * 1000 / (now - time) : 0;
    }
}
