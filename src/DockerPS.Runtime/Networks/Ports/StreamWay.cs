using System.Diagnostics;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>One direction of a connection.</summary>
internal sealed class StreamWay
{
    /// <summary>
    /// Bytes that are waited for while much comes fast, two of the largest packets: to be woken for each of them costs sender and relay more than the
    /// bytes do, and what waits longer has left the processor's nearer caches before it is read.
    /// </summary>
    public const int Patience = 128 << 10;

    private const int Streak = 8 << 20, FastBytesPerSecond = 400 << 20;

    private long _began, _bytes;
    private bool _moved;

    public PipePool.Pipe? Pipe { get; set; }

    /// <summary>Bytes in the pipe.</summary>
    public int Pending { get; set; }

    /// <summary>The reader's end was reached, and passed on.</summary>
    public bool Done { get; set; }

    public bool IsPatient { get; set; }

    /// <summary>Bytes that came last.</summary>
    public int LastPiece { get; private set; }

    /// <summary>Bytes have come; true when so many came so fast that patience pays.</summary>
    public bool Count(int bytes)
    {
        (LastPiece, _moved) = (bytes, true);
        if (IsPatient) return false;
        if (_bytes == 0) _began = Stopwatch.GetTimestamp();
        _bytes += bytes;
        if (_bytes < Streak) return false;
        bool fast = _bytes >= Stopwatch.GetElapsedTime(_began).TotalSeconds * FastBytesPerSecond;
        _bytes = 0;
        return fast;
    }

    /// <summary>Whether bytes have come since this was asked last.</summary>
    public bool HasMoved()
    {
        bool moved = _moved;
        _moved = false;
        return moved;
    }
}
