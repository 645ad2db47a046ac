using System.Buffers.Binary;
using System.Net;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Dns;

/// <summary>Queries over TCP (RFC 7766): each message has its length in front. Other names' connections are passed on to a name server as they are.</summary>
internal sealed class DnsConnections : IDisposable
{
    private const int MostAtOnce = 32, LargestMessage = 65535;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly EventLoop _loop;
    private readonly IReadOnlyList<IPAddress> _servers;
    private readonly DnsResolver _resolver;
    private readonly HashSet<Connection> _open = [];
    private int _listener;

    public DnsConnections(EventLoop loop, int listener, IReadOnlyList<IPAddress> servers, DnsResolver resolver)
    {
        (_loop, _listener, _servers, _resolver) = (loop, listener, servers, resolver);
        loop.Add(listener, LibC.EPOLLIN, _ => Accept());
    }

    public void Dispose()
    {
        _loop.Remove(_listener);
        LibC.Close(ref _listener);
        foreach (Connection connection in _open.ToArray()) End(connection);
    }

    private void Accept()
    {
        int fd = LibC.TryAccept(_listener);
        if (fd < 0) return;
        if (_open.Count >= MostAtOnce)
        {
            LibC.Close(ref fd);
            return;
        }

        var connection = new Connection { Asker = fd };
        connection.Timer = _loop.After(Patience, () => End(connection));
        _open.Add(connection);
        _loop.Add(fd, LibC.EPOLLIN, _ => ReadQuery(connection));
    }

    private void ReadQuery(Connection connection)
    {
        if (!Read(connection.Asker, connection))
        {
            End(connection);
            return;
        }

        if (connection.Message() is not { } query) return;
        if (_resolver.Answer(query, LargestMessage) is { } answer) Reply(connection, answer);
        else if (query.Length < DnsMessage.HeaderLength) End(connection);
        else Ask(connection, query, 0);
    }

    private void Ask(Connection connection, byte[] query, int server)
    {
        if (server >= _servers.Count)
        {
            Reply(connection, DnsForwarder.Refusal(query, _servers.Count == 0 ? DnsMessage.NameError : DnsMessage.ServerFailure));
            return;
        }

        _loop.Remove(connection.Asker);
        connection.Received.Clear();
        int fd;
        try
        {
            fd = LibC.InternetSocket(_servers[server], datagrams: false);
        }
        catch (LinuxException)
        {
            // No descriptor is left, or this machine has not the version of the server's address.
            Ask(connection, query, server + 1);
            return;
        }

        connection.Server = fd;
        int result = LibC.TryConnect(fd, new IPEndPoint(_servers[server], 53));
        bool sent = false;
        _loop.Add(fd, LibC.EPOLLOUT, _ =>
        {
            if (!sent && (LibC.SocketError(fd) != 0 || LibC.TryWrite(fd, Framed(query)) < 0)) Next();
            else if (!sent)
            {
                sent = true;
                _loop.Change(fd, LibC.EPOLLIN);
            }
            else if (!Read(fd, connection)) Next();
            else if (connection.Message() is { } answer) Reply(connection, answer);
        });
        if (result is < 0 and not -Errno.EINPROGRESS) Next();

        void Next()
        {
            CloseServer(connection);
            Ask(connection, query, server + 1);
        }
    }

    private void Reply(Connection connection, byte[] message)
    {
        LibC.TryWrite(connection.Asker, Framed(message));
        End(connection);
    }

    private static bool Read(int fd, Connection connection)
    {
        Span<byte> room = stackalloc byte[4096];
        int length = LibC.TryRead(fd, room);
        if (length == -Errno.EAGAIN) return true;
        if (length <= 0) return false;
        connection.Received.AddRange(room[..length]);
        return connection.Received.Count <= LargestMessage + 2;
    }

    private static byte[] Framed(byte[] message)
    {
        var framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        return framed;
    }

    private void CloseServer(Connection connection)
    {
        if (connection.Server < 0) return;
        _loop.Remove(connection.Server);
        LibC.Close(ref connection.Server);
    }

    private void End(Connection connection)
    {
        if (!_open.Remove(connection)) return;
        _loop.Cancel(connection.Timer);
        CloseServer(connection);
        _loop.Remove(connection.Asker);
        LibC.Close(ref connection.Asker);
    }

    private sealed class Connection
    {
        public int Asker, Server = -1;

        public (long, int) Timer { get; set; }

        public List<byte> Received { get; } = [];

        /// <summary>The message when it is whole.</summary>
        public byte[]? Message()
        {
            if (Received.Count < 2) return null;
            int length = (Received[0] << 8) | Received[1];
            return Received.Count >= length + 2 ? [.. Received.Skip(2).Take(length)] : null;
        }
    }
}
