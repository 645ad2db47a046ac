namespace DockerPS.Engine.Registry.Transport;

/// <summary>Cancels a request when nothing has happened on it for some time.</summary>
internal sealed class StallTimer : IDisposable
{
    private const int Step = 500;
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _outer;
    private readonly TimeSpan _limit;
    private long _touched = Environment.TickCount64;

    public StallTimer(TimeSpan limit, CancellationToken outer)
    {
        _limit = limit;
        _outer = outer;
        _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        _source.CancelAfter(limit);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether it was this that cancelled, not the caller.</summary>
    public bool Expired => _source.IsCancellationRequested && !_outer.IsCancellationRequested;

    /// <summary>Something has happened.</summary>
    public void Touch()
    {
        long now = Environment.TickCount64;
        if (now - _touched < Math.Min(Step, _limit.TotalMilliseconds / 4)) return;
        _touched = now;
        _source.CancelAfter(_limit);
    }

    /// <summary>Nothing can happen now, for a reason of ours, until the next <see cref="Resume"/>.</summary>
    public void Pause() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>From now on something can happen again.</summary>
    public void Resume()
    {
        _touched = Environment.TickCount64;
        _source.CancelAfter(_limit);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
