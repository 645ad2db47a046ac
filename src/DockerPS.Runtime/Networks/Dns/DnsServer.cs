using System.Net;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;

namespace DockerPS.Runtime.Networks.Dns;

/// <summary>
/// The name server of a container, on 127.0.0.11 of its network namespace. Other names are asked of the machine's name servers, from the
/// machine's own network.
/// </summary>
internal sealed class DnsServer : IDisposable
{
    private static readonly IPAddress Address = IPAddress.Parse("127.0.0.11");
    private const int Port = 53, LargestDatagram = 4096, BurstOfDatagrams = 32;

    private readonly EventLoop _loop;
    private readonly DnsForwarder _forwarder;
    private readonly DnsConnections _connections;
    private readonly byte[] _buffer = new byte[LargestDatagram];
    private int _datagrams;

    /// <param name="loop">Where its descriptors are watched.</param>
    /// <param name="servers">Who is asked for other names, in order; empty answers that there is no such name.</param>
    /// <param name="inside">Descriptor of the container's network namespace.</param>
    /// <param name="aside">Leave the port to a server in the container: rules in its namespace lead to another one.</param>
    /// <exception cref="LinuxException">Somebody in the namespace has the port.</exception>
    public DnsServer(EventLoop loop, IReadOnlyList<IPAddress> servers, int inside, bool aside)
    {
        _loop = loop;
        int listener;
        (_datagrams, listener) = NetworkNamespace.Open(inside, () => aside && StepAside() is { } other ? other : Bind(Port, Port));
        _forwarder = new DnsForwarder(loop, servers);
        _connections = new DnsConnections(loop, listener, servers, Resolver);
        loop.Add(_datagrams, LibC.EPOLLIN, _ => Serve());
    }

    public DnsResolver Resolver { get; } = new();

    private static (int Datagrams, int Listener) Bind(int datagrams, int streams) =>
        (LibC.BindInternet(new IPEndPoint(Address, datagrams), datagrams: true), LibC.BindInternet(new IPEndPoint(Address, streams), datagrams: false));

    /// <summary>On ports that are free; null where there are no rules, and the port itself is better than no names.</summary>
    private static (int Datagrams, int Listener)? StepAside()
    {
        (int datagrams, int listener) = Bind(0, 0);
        if (NetworkRules.Apply(NetworkRules.ForNames(Address, LibC.PortOf(datagrams), LibC.PortOf(listener))) is null) return (datagrams, listener);
        LibC.Close(ref datagrams);
        LibC.Close(ref listener);
        return null;
    }

    public void Dispose()
    {
        _loop.Remove(_datagrams);
        LibC.Close(ref _datagrams);
        _forwarder.Dispose();
        _connections.Dispose();
    }

    private void Serve()
    {
        for (int i = 0; i < BurstOfDatagrams; i++)
        {
            int length = LibC.TryReceiveFrom(_datagrams, _buffer, out IPEndPoint? asker);
            if (length < 0) return;
            ReadOnlySpan<byte> query = _buffer.AsSpan(0, length);
            if (Resolver.Answer(query, 0) is { } answer) LibC.TrySendTo(_datagrams, answer, asker);
            else if (length >= DnsMessage.HeaderLength && (query[2] & 0x80) == 0)
                _forwarder.Ask(query.ToArray(), reply => LibC.TrySendTo(_datagrams, reply, asker));
        }
    }
}
