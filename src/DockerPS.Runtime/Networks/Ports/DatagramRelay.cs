using System.Net;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>Passes datagrams of a port of the host on to the container, and its answers back. Each sender has a socket of its own for a time.</summary>
internal sealed class DatagramRelay : IDisposable
{
    private const int MostSenders = 1024, Largest = 65535, Burst = 64;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    private readonly EventLoop _loop;
    private readonly Dictionary<IPEndPoint, Sender> _senders = [];
    private readonly byte[] _buffer = new byte[Largest];
    private int _socket;

    public DatagramRelay(EventLoop loop, int socket, IPEndPoint target)
    {
        (_loop, _socket, Target) = (loop, socket, target);
        loop.Add(socket, LibC.EPOLLIN, _ => Receive());
    }

    /// <summary>The container's side; those who are connected stay where they are.</summary>
    public IPEndPoint Target { get; set; }

    public void Dispose()
    {
        _loop.Remove(_socket);
        LibC.Close(ref _socket);
        foreach (IPEndPoint sender in _senders.Keys.ToArray()) End(sender);
    }

    private void Receive()
    {
        for (int i = 0; i < Burst; i++)
        {
            int length = LibC.TryReceiveFrom(_socket, _buffer, out IPEndPoint? from);
            if (length < 0 || from is null) return;
            if (Of(from) is not { } sender) continue;
            LibC.TrySendTo(sender.Socket, _buffer.AsSpan(0, length), null);
        }
    }

    private Sender? Of(IPEndPoint from)
    {
        if (_senders.TryGetValue(from, out Sender? known))
        {
            Extend(from, known);
            return known;
        }

        if (_senders.Count >= MostSenders) return null;
        try
        {
            var sender = new Sender { Socket = LibC.InternetSocket(Target.Address, datagrams: true) };
            LibC.TryConnect(sender.Socket, Target);
            _senders[from] = sender;
            _loop.Add(sender.Socket, LibC.EPOLLIN, _ => Answer(from, sender));
            Extend(from, sender);
            return sender;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private void Answer(IPEndPoint to, Sender sender)
    {
        for (int i = 0; i < Burst; i++)
        {
            int length = LibC.TryReceiveFrom(sender.Socket, _buffer, out _);
            if (length < 0) return;
            LibC.TrySendTo(_socket, _buffer.AsSpan(0, length), to);
        }

        Extend(to, sender);
    }

    private void Extend(IPEndPoint from, Sender sender)
    {
        if (sender.Timer is { } timer) _loop.Cancel(timer);
        sender.Timer = _loop.After(Idle, () => End(from));
    }

    private void End(IPEndPoint from)
    {
        if (!_senders.Remove(from, out Sender? sender)) return;
        if (sender.Timer is { } timer) _loop.Cancel(timer);
        _loop.Remove(sender.Socket);
        LibC.Close(ref sender.Socket);
    }

    private sealed class Sender
    {
        public int Socket;

        public (long, int)? Timer { get; set; }
    }
}
