using System.Diagnostics;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks;

/// <summary>
/// Descriptors of a container's network services (names, ports) behind one of epoll(7), which the supervisor polls beside its own. Everything runs
/// on the supervisor's one thread.
/// </summary>
/// <param name="warn">Told what failed and is given up, so that the container goes on.</param>
internal sealed class EventLoop(Action<string> warn)
{
    private readonly Dictionary<int, Action<uint>> _handlers = [];
    private readonly SortedSet<(long At, int Number)> _deadlines = [];
    private readonly Dictionary<int, Action> _timers = [];
    private int _numbers;

    /// <summary>Readable when something is to be done; -1 while nothing is watched.</summary>
    public int Descriptor { get; private set; } = -1;

    /// <summary>Calls when a descriptor is ready; errors and hang-ups are always told.</summary>
    public void Add(int descriptor, uint events, Action<uint> handler)
    {
        if (Descriptor < 0) Descriptor = LibC.Epoll();
        LibC.EpollSet(Descriptor, descriptor, events, add: true);
        _handlers[descriptor] = handler;
    }

    public void Change(int descriptor, uint events) => LibC.EpollSet(Descriptor, descriptor, events, add: false);

    /// <summary>To be called before the descriptor is closed.</summary>
    public void Remove(int descriptor)
    {
        if (!_handlers.Remove(descriptor)) return;
        LibC.EpollRemove(Descriptor, descriptor);
    }

    /// <summary>Calls once after a time; returns a number for <see cref="Cancel"/>.</summary>
    public (long At, int Number) After(TimeSpan time, Action action)
    {
        (long, int) timer = (Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency), ++_numbers);
        _deadlines.Add(timer);
        _timers[_numbers] = action;
        return timer;
    }

    public void Cancel((long At, int Number) timer)
    {
        _deadlines.Remove(timer);
        _timers.Remove(timer.Number);
    }

    /// <summary>Milliseconds until the next timer; -1 when there is none.</summary>
    public int UntilTimer => _deadlines.Count == 0
        ? -1
        : (int)Math.Clamp(((_deadlines.Min.At - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency) + 1, 0, int.MaxValue);

    /// <summary>Does what is to be done now, some at a time.</summary>
    public void Run()
    {
        while (_deadlines.Count > 0 && _deadlines.Min.At <= Stopwatch.GetTimestamp())
        {
            (long At, int Number) timer = _deadlines.Min;
            Action action = _timers[timer.Number];
            Cancel(timer);
            Try(_ => action(), 0);
        }

        if (Descriptor < 0) return;
        Span<(int Descriptor, uint Events)> ready = stackalloc (int, uint)[64];
        int count = LibC.EpollReady(Descriptor, ready);
        for (int i = 0; i < count; i++)
        {
            // One handler may have ended what another event is about.
            (int descriptor, uint events) = ready[i];
            if (_handlers.TryGetValue(descriptor, out Action<uint>? handler) && !Try(handler, events)) Remove(descriptor);
        }
    }

    /// <summary>A service that fails must not take the container with it.</summary>
    private bool Try(Action<uint> action, uint events)
    {
        try
        {
            action(events);
            return true;
        }
        catch (LinuxException e)
        {
            warn($"A part of the container's ports or name server failed and is given up: {e.Message}");
            return false;
        }
    }
}
