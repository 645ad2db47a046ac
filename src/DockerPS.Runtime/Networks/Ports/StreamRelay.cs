using System.Net;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>Passes TCP connections of a port of the host on to the container.</summary>
internal sealed class StreamRelay : IDisposable
{
    private const int BurstOfConnections = 64;

    private readonly EventLoop _loop;
    private readonly PipePool _pipes;
    private readonly ConnectionLimit _limit;
    private readonly HashSet<StreamConnection> _open = [];
    private int _listener;

    public StreamRelay(EventLoop loop, int listener, IPEndPoint target, PipePool pipes, ConnectionLimit limit)
    {
        (_loop, _listener, Target, _pipes, _limit) = (loop, listener, target, pipes, limit);
        loop.Add(listener, LibC.EPOLLIN, _ => Accept());
    }

    /// <summary>The container's side; those who are connected stay where they are.</summary>
    public IPEndPoint Target { get; set; }

    public void Dispose()
    {
        _loop.Remove(_listener);
        LibC.Close(ref _listener);
        foreach (StreamConnection connection in _open.ToArray()) connection.Dispose();
    }

    private void Accept()
    {
        for (int i = 0; i < BurstOfConnections; i++)
        {
            bool mayEnter = _limit.TryEnter();
            int client = mayEnter ? LibC.TryAccept(_listener) : -Errno.EMFILE;
            if (client < 0 && mayEnter) _limit.Leave();
            if (client is -Errno.EMFILE or -Errno.ENFILE) PauseAccepting();
            if (client < 0) return;
            try
            {
                _open.Add(new StreamConnection(_loop, client, Target, _pipes, End));
            }
            catch (LinuxException)
            {
                // No descriptor is left: this one is refused, the others go on.
                LibC.Close(ref client);
                _limit.Leave();
            }
        }
    }

    private void End(StreamConnection connection)
    {
        if (_open.Remove(connection)) _limit.Leave();
    }

    /// <summary>Those who wait are taken when some have gone.</summary>
    private void PauseAccepting()
    {
        _loop.Change(_listener, 0);
        _loop.After(TimeSpan.FromMilliseconds(100), () =>
        {
            if (_listener >= 0) _loop.Change(_listener, LibC.EPOLLIN);
        });
    }
}
