using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>Pipes through which splice(2) moves bytes. A connection has one only while bytes are on their way, so that idle ones cost none.</summary>
internal sealed unsafe class PipePool
{
    private const int MostIdle = 16, Capacity = 1 << 20, F_SETPIPE_SZ = 1031;
    private readonly Stack<Pipe> _idle = new();
    private int _rented;

    /// <summary>Bytes to be moved at once. Fewer when many are on their way: whose receivers are slow keep them in the kernel's memory.</summary>
    public int Piece => _rented <= MostIdle ? Capacity : Capacity / 8;

    /// <summary>Null when no descriptor is left: others give back theirs.</summary>
    public Pipe? TryRent()
    {
        if (!_idle.TryPop(out Pipe pipe))
        {
            int* ends = stackalloc int[2];
            if (LibC.pipe2(ends, LibC.O_CLOEXEC | LibC.O_NONBLOCK) != 0) return null;
            _ = LibC.fcntl(ends[1], F_SETPIPE_SZ, Capacity);
            pipe = new Pipe(ends[0], ends[1]);
        }

        _rented++;
        return pipe;
    }

    /// <summary>Gives back one that is empty.</summary>
    public void Return(Pipe pipe)
    {
        if (_idle.Count >= MostIdle)
        {
            Close(pipe);
            return;
        }

        _rented--;
        _idle.Push(pipe);
    }

    /// <summary>One with bytes that nobody takes.</summary>
    public void Close(Pipe pipe)
    {
        _rented--;
        _ = LibC.close(pipe.Read);
        _ = LibC.close(pipe.Write);
    }

    internal readonly record struct Pipe(int Read, int Write);
}
