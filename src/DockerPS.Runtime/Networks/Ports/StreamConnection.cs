using System.Net;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>One connection: bytes go both ways by splice(2), and each way ends by itself (half-close).</summary>
internal sealed class StreamConnection : IDisposable
{
    private const int Piece = 256 << 10, PiecesAtOnce = 16;

    private readonly EventLoop _loop;
    private readonly PipePool _pipes;
    private readonly Action<StreamConnection> _ended;
    private readonly Way _in = new(), _out = new();
    private readonly Dictionary<int, uint> _watched = [];
    private int _client, _server;
    private bool _connected;

    /// <exception cref="LinuxException">No descriptor is left; the client's remains the caller's.</exception>
    public StreamConnection(EventLoop loop, int client, IPEndPoint target, PipePool pipes, Action<StreamConnection> ended)
    {
        (_loop, _client, _pipes, _ended) = (loop, client, pipes, ended);
        _server = LibC.InternetSocket(target.Address, datagrams: false);
        LibC.SetOption(client, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, 1);
        LibC.SetOption(_server, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, 1);
        int result = LibC.TryConnect(_server, target);
        _connected = result == 0;
        bool under = result is 0 or -Errno.EINPROGRESS;
        Watch(_server, LibC.EPOLLOUT);
        // A refused one is told by the kernel when the loop comes to it, as one that is refused later is.
        if (!under) loop.After(TimeSpan.Zero, Dispose);
    }

    public void Dispose()
    {
        if (_client < 0) return;
        foreach (int descriptor in _watched.Keys) _loop.Remove(descriptor);
        _watched.Clear();
        foreach (Way way in (ReadOnlySpan<Way>)[_in, _out])
        {
            if (way.Pipe is { } pipe) PipePool.Close(pipe);
            way.Pipe = null;
        }

        LibC.Close(ref _server);
        LibC.Close(ref _client);
        _client = -1;
        _ended(this);
    }

    private void OnEvent(int descriptor, uint events)
    {
        if (!_connected)
        {
            if (LibC.SocketError(_server) != 0)
            {
                Dispose();
                return;
            }

            _connected = true;
        }

        bool alive = Move(_in, _client, _server) && Move(_out, _server, _client);
        bool reset = (events & (LibC.EPOLLERR | LibC.EPOLLHUP)) != 0 && !(_in.Pending > 0 || _out.Pending > 0);
        if (!alive || reset || (_in.Done && _out.Done))
        {
            Dispose();
            return;
        }

        Watch(_client, Wanted(_in, _out));
        Watch(_server, Wanted(_out, _in));
    }

    /// <summary>Reading is wanted while nothing waits to be written, writing while something does.</summary>
    private static uint Wanted(Way reads, Way writes) =>
        (reads is { Done: false, Pending: 0 } ? LibC.EPOLLIN : 0) | (writes.Pending > 0 ? LibC.EPOLLOUT : 0);

    private void Watch(int descriptor, uint events)
    {
        if (_watched.TryGetValue(descriptor, out uint before))
        {
            if (before != events) _loop.Change(descriptor, events);
        }
        else
        {
            _loop.Add(descriptor, events, ready => OnEvent(descriptor, ready));
        }

        _watched[descriptor] = events;
    }

    /// <summary>False when the connection is broken.</summary>
    private bool Move(Way way, int from, int to)
    {
        for (int i = 0; i < PiecesAtOnce && !way.Done; i++)
        {
            if (way.Pending == 0 && !Fill(way, from, to, out bool broken)) return !broken;
            if (way.Pending == 0) continue;
            int written = LibC.TrySplice(way.Pipe!.Value.Read, to, way.Pending);
            if (written == -Errno.EAGAIN) return true;
            if (written <= 0) return false;
            way.Pending -= written;
            if (way.Pending > 0) continue;
            _pipes.Return(way.Pipe.Value);
            way.Pipe = null;
        }

        return true;
    }

    /// <summary>Takes what there is; false when there is nothing now, or no more.</summary>
    private bool Fill(Way way, int from, int to, out bool broken)
    {
        PipePool.Pipe pipe = _pipes.Rent();
        int read = LibC.TrySplice(from, pipe.Write, Piece);
        broken = read < 0 && read != -Errno.EAGAIN;
        if (read > 0)
        {
            way.Pipe = pipe;
            way.Pending = read;
            return true;
        }

        _pipes.Return(pipe);
        if (read != 0) return false;
        way.Done = true;
        _ = LibC.shutdown(to, LibC.SHUT_WR);
        return false;
    }

    /// <summary>One direction.</summary>
    private sealed class Way
    {
        public PipePool.Pipe? Pipe { get; set; }

        /// <summary>Bytes in the pipe.</summary>
        public int Pending { get; set; }

        /// <summary>The reader's end was reached, and passed on.</summary>
        public bool Done { get; set; }
    }
}
