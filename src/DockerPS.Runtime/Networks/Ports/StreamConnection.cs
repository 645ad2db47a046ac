using System.Net;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>One connection: bytes go both ways by splice(2), and each way ends by itself (half-close).</summary>
internal sealed class StreamConnection : IDisposable
{
    private const int PiecesAtOnce = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2), UntilPipesAreFree = TimeSpan.FromMilliseconds(10);

    private readonly EventLoop _loop;
    private readonly PipePool _pipes;
    private readonly Action<StreamConnection> _ended;
    private readonly StreamWay _in = new(), _out = new();
    private readonly Dictionary<int, uint> _watched = [];
    private int _client, _server;
    private bool _connected, _starved;

    /// <exception cref="LinuxException">No descriptor is left; the client's remains the caller's.</exception>
    public StreamConnection(EventLoop loop, int client, IPEndPoint target, PipePool pipes, Action<StreamConnection> ended)
    {
        (_loop, _client, _pipes, _ended) = (loop, client, pipes, ended);
        _server = LibC.InternetSocket(target.Address, datagrams: false);
        LibC.SetOption(client, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, 1);
        LibC.SetOption(_server, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, 1);
        SendUnpaced(_server);
        if (LibC.IsFromLoopback(client)) SendUnpaced(client);
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
        foreach (StreamWay way in (ReadOnlySpan<StreamWay>)[_in, _out])
        {
            if (way.Pipe is { } pipe) _pipes.Close(pipe);
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

        // An end that can be read feeds its own way, one that can be written lets the other go on; an error is for both.
        bool own = (events & ~LibC.EPOLLOUT) != 0, other = (events & ~LibC.EPOLLIN) != 0, client = descriptor == _client;
        bool alive = (!(client ? own : other) || Move(_in, _client, _server)) && (!(client ? other : own) || Move(_out, _server, _client));
        bool reset = (events & (LibC.EPOLLERR | LibC.EPOLLHUP)) != 0 && !(_in.Pending > 0 || _out.Pending > 0);
        if (!alive || reset || (_in.Done && _out.Done))
        {
            Dispose();
            return;
        }

        WatchBoth();
    }

    private void WatchBoth()
    {
        Watch(_client, Wanted(_in, _out));
        Watch(_server, Wanted(_out, _in));
    }

    /// <summary>No descriptor was left for a pipe: what waits to be read waits longer.</summary>
    private void Starve()
    {
        if (_starved) return;
        _starved = true;
        _loop.After(UntilPipesAreFree, () =>
        {
            if (_client < 0) return;
            _starved = false;
            WatchBoth();
        });
    }

    /// <summary>
    /// Within a machine nothing is won by pacing what is sent, as a host's default (bbr) may do: its timers take more time than the bytes.
    /// </summary>
    private static void SendUnpaced(int socket)
    {
        if (!LibC.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_CONGESTION, "cubic"u8))
            LibC.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_CONGESTION, "reno"u8);
    }

    /// <summary>Reading is wanted while nothing waits to be written, writing while something does.</summary>
    private uint Wanted(StreamWay reads, StreamWay writes) =>
        (reads is { Done: false, Pending: 0 } && !_starved ? LibC.EPOLLIN : 0) | (writes.Pending > 0 ? LibC.EPOLLOUT : 0);

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
    private bool Move(StreamWay way, int from, int to)
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
            if (way is { IsPatient: true, LastPiece: < StreamWay.Patience }) return true;
        }

        return true;
    }

    /// <summary>Lets the sender go on until much has come, as long as that does not take time.</summary>
    private void BePatient(StreamWay way, int from)
    {
        way.IsPatient = true;
        LibC.SetOption(from, LibC.SOL_SOCKET, LibC.SO_RCVLOWAT, StreamWay.Patience);
        Check();

        void Check() => _loop.After(Patience, () =>
        {
            if (_client < 0) return;
            if (way.HasMoved())
            {
                Check();
                return;
            }

            // The kernel tells at once of what has come meanwhile.
            way.IsPatient = false;
            LibC.SetOption(from, LibC.SOL_SOCKET, LibC.SO_RCVLOWAT, 1);
        });
    }

    /// <summary>Takes what there is; false when there is nothing now, or no more.</summary>
    private bool Fill(StreamWay way, int from, int to, out bool broken)
    {
        broken = false;
        if (_pipes.TryRent() is not { } pipe)
        {
            Starve();
            return false;
        }

        int read = LibC.TrySplice(from, pipe.Write, _pipes.Piece);
        broken = read < 0 && read != -Errno.EAGAIN;
        if (read > 0)
        {
            way.Pipe = pipe;
            way.Pending = read;
            if (way.Count(read)) BePatient(way, from);
            return true;
        }

        _pipes.Return(pipe);
        if (read != 0) return false;
        way.Done = true;
        _ = LibC.shutdown(to, LibC.SHUT_WR);
        return false;
    }
}
