namespace DockerPS.Module.Hosting;

/// <summary>
/// Carries what other threads have to write to the pipeline's thread, which alone may write. The queue is bounded, so that a slow
/// consumer slows the producer down instead of filling the memory.
/// </summary>
internal sealed class PipelinePump
{
    private const int Capacity = 256;

    // After a stop the user gets the prompt back in this time even if the engine is still putting things away.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly Queue<Action> _actions = new();
    private int _pipelineThread;
    private long _stoppedAt;
    private bool _closed;

    /// <summary>Says that the calling thread is the pipeline's; done on entering each of a cmdlet's methods.</summary>
    public void Enter() => _pipelineThread = Environment.CurrentManagedThreadId;

    /// <summary>Does it at once on the pipeline's thread, else hands it over; waits when the queue is full.</summary>
    public void Post(Action action)
    {
        if (Environment.CurrentManagedThreadId == _pipelineThread)
        {
            action();
            return;
        }
        lock (_gate)
        {
            while (_actions.Count >= Capacity && !_closed) Monitor.Wait(_gate);
            if (_closed) return;
            _actions.Enqueue(action);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Writes what comes until the task has ended, and all that it posted. Does not observe the task's failure.</summary>
    public void Wait(Task task)
    {
        Enter();
        if (!task.IsCompleted)
        {
            _ = task.ContinueWith(
                static (_, pump) => ((PipelinePump)pump!).Wake(), this, CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        while (Next(task) is { } action) action();
    }

    /// <summary>Writes what is there, without waiting.</summary>
    public void Drain()
    {
        Enter();
        while (Next(Task.CompletedTask) is { } action) action();
    }

    /// <summary>Nothing will be written any more: drops what waits, lets producers go, and bounds the waiting.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _stoppedAt = Environment.TickCount64;
            _actions.Clear();
            Monitor.PulseAll(_gate);
        }
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private Action? Next(Task task)
    {
        lock (_gate)
        {
            while (_actions.Count == 0 && !task.IsCompleted)
            {
                if (!_closed)
                {
                    Monitor.Wait(_gate);
                    continue;
                }
                TimeSpan left = Patience - TimeSpan.FromMilliseconds(Environment.TickCount64 - _stoppedAt);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left)) return null;
            }
            if (!_actions.TryDequeue(out Action? action)) return null;
            Monitor.PulseAll(_gate);
            return action;
        }
    }
}
