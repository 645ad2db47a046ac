namespace DockerPS.Bench;

/// <summary>Watches this process and those it starts: the most memory they hold together above where it began.</summary>
internal sealed class MemoryWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _watcher;
    private readonly long _before;
    private long _peak;

    public MemoryWatch()
    {
        GC.Collect();
        _before = Processes.ResidentSize(Environment.ProcessId);
        _watcher = new Thread(Watch) { IsBackground = true };
        _watcher.Start();
    }

    public long PeakGrowth()
    {
        _stop.Set();
        _watcher.Join();
        return Math.Max(0, _peak - _before);
    }

    private void Watch()
    {
        do
        {
            long now = Processes.ResidentSize(Environment.ProcessId) +
                Processes.Descendants(Environment.ProcessId).Sum(Processes.ProportionalSetSize);
            _peak = Math.Max(_peak, now);
        }
        while (!_stop.Wait(Interval));
    }

    public void Dispose()
    {
        _stop.Set();
        _watcher.Join();
        _stop.Dispose();
    }
}
