using System.Diagnostics;

namespace DockerPS.Linux.Cgroups;

/// <summary>Pauses between looks at something that the kernel brings about soon: from 0.1 ms growing to 10 ms, up to a limit.</summary>
internal struct Backoff(int milliseconds)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _microseconds = 100;

    /// <summary>False when the time is up.</summary>
    public bool Wait()
    {
        if (Stopwatch.GetElapsedTime(_start).TotalMilliseconds >= milliseconds) return false;
        LibC.Pause(_microseconds);
        _microseconds = Math.Min(_microseconds * 2, 10_000);
        return true;
    }
}
