using System.Net;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>Passes TCP connections of a port of the host on to the container.</summary>
internal sealed class StreamRelay : IDisposable
{
    private const int BurstOfConnections = 64;

    private readonly EventLoop _loop;
    private readonly PipePool _pipes;
    private readonly HashSet<StreamConnection> _open = [];
    private int _listener;

    public StreamRelay(EventLoop loop, int listener, IPEndPoint target, PipePool pipes)
    {
        (_loop, _listener, Target, _pipes) = (loop, listener, target, pipes);
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
            int client = LibC.TryAccept(_listener);
            if (client == -Errno.EMFILE) PauseAccepting();
            if (client < 0) return;
            try
            {
                _open.Add(new StreamConnection(_loop, client, Target, _pipes, ended => _open.Remove(ended)));
            }
            catch (LinuxException)
            {
                // No descriptor is left: this one is refused, the others go on.
                LibC.Close(ref client);
            }
        }
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
