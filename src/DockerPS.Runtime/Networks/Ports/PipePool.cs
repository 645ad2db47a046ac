using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>Pipes through which splice(2) moves bytes. A connection has one only while bytes are on their way, so that idle ones cost none.</summary>
internal sealed unsafe class PipePool
{
    private const int MostIdle = 16, Capacity = 256 << 10, F_SETPIPE_SZ = 1031;
    private readonly Stack<Pipe> _idle = new();

    /// <exception cref="LinuxException">EMFILE.</exception>
    public Pipe Rent()
    {
        if (_idle.TryPop(out Pipe pipe)) return pipe;
        int* ends = stackalloc int[2];
        if (LibC.pipe2(ends, LibC.O_CLOEXEC | LibC.O_NONBLOCK) != 0) throw LibC.Failure("pipe2()");
        _ = LibC.fcntl(ends[1], F_SETPIPE_SZ, Capacity);
        return new Pipe(ends[0], ends[1]);
    }

    /// <summary>Gives back one that is empty.</summary>
    public void Return(Pipe pipe)
    {
        if (_idle.Count < MostIdle) _idle.Push(pipe);
        else Close(pipe);
    }

    /// <summary>One with bytes that nobody takes.</summary>
    public static void Close(Pipe pipe)
    {
        _ = LibC.close(pipe.Read);
        _ = LibC.close(pipe.Write);
    }

    internal readonly record struct Pipe(int Read, int Write);
}
