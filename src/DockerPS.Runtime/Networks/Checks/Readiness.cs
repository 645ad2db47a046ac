using System.Diagnostics;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Checks;

/// <summary>Waits for one descriptor (poll(2)).</summary>
internal static unsafe class Readiness
{
    /// <summary>True when something is to be read or written, or an error is to be taken; false when the time is over.</summary>
    public static bool Await(int fd, short events, TimeSpan patience)
    {
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            double left = (patience - Stopwatch.GetElapsedTime(begun)).TotalMilliseconds;
            LibC.pollfd polled = new() { Descriptor = fd, Events = events };
            int ready = LibC.poll(&polled, 1, (int)Math.Max(0, Math.Ceiling(left)));
            if (ready > 0) return true;
            if (left <= 0) return false;
        }
    }
}
