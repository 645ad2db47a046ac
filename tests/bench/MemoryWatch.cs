namespace DockerPS.Bench;

/// <summary>
/// Watches this process and those that it starts meanwhile: the most memory they hold together above what it held in the beginning.
/// What ran below it before, as the daemon of a peer, is not of the measured work.
/// </summary>
internal sealed class MemoryWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _watcher;
    private readonly HashSet<int> _others = [];
    private readonly long _before;
    private long _peak;

    public MemoryWatch()
    {
        AddDescendants(Environment.ProcessId, _others, []);
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
        HashSet<int> own = [];
        do
        {
            own.Clear();
            AddDescendants(Environment.ProcessId, own, _others);
            long now = Processes.ResidentSize(Environment.ProcessId);
            foreach (int process in own) now += Processes.ProportionalSetSize(process);
            _peak = Math.Max(_peak, now);
        }
        while (!_stop.Wait(Interval));
    }

    private static void AddDescendants(int pid, HashSet<int> found, HashSet<int> without)
    {
        foreach (int child in Processes.Children(pid))
            if (!without.Contains(child) && !IsStarting(child) && found.Add(child))
                AddDescendants(child, found, without);
    }

    /// <summary>A child that has not yet become another program has the memory of this process, which would be counted twice.</summary>
    private static bool IsStarting(int pid) => Processes.Executable(pid) is var program && (program is null || program == Environment.ProcessPath);

    public void Dispose()
    {
        _stop.Set();
        _watcher.Join();
        _stop.Dispose();
    }
}
