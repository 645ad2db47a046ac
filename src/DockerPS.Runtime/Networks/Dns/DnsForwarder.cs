using System.Net;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Dns;

/// <summary>Asks name servers by datagrams, one after the other, each on a port of its own, so that answers are hard to forge.</summary>
internal sealed class DnsForwarder(EventLoop loop, IReadOnlyList<IPAddress> servers) : IDisposable
{
    /// <summary>More at once are refused, so that a container that asks without end holds a bounded number of descriptors.</summary>
    private const int MostAtOnce = 128;
    private const int LargestAnswer = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly HashSet<int> _open = [];
    private readonly byte[] _buffer = new byte[LargestAnswer];

    /// <param name="query">A whole message.</param>
    /// <param name="reply">Called once, with an answer of somebody's or one that says that there is none.</param>
    public void Ask(byte[] query, Action<byte[]> reply) => Ask(query, reply, 0);

    public void Dispose()
    {
        foreach (int fd in _open.ToArray()) Close(fd);
    }

    /// <summary>An answer without records.</summary>
    public static byte[] Refusal(ReadOnlySpan<byte> query, int code)
    {
        if (DnsMessage.Parse(query) is { } question) return DnsMessage.Answer(query, question, [], code, DnsMessage.SmallestLimit);
        byte[] answer = query[..DnsMessage.HeaderLength].ToArray();
        answer[2] |= 0x80;
        answer[3] = (byte)code;
        answer.AsSpan(4).Clear();
        return answer;
    }

    private void Ask(byte[] query, Action<byte[]> reply, int server)
    {
        if (servers.Count == 0 || server >= servers.Count || _open.Count >= MostAtOnce)
        {
            reply(Refusal(query, servers.Count == 0 ? DnsMessage.NameError : DnsMessage.ServerFailure));
            return;
        }

        var endPoint = new IPEndPoint(servers[server], 53);
        int fd = -1;
        try
        {
            fd = LibC.InternetSocket(endPoint.Address, datagrams: true);
            if (LibC.TryConnect(fd, endPoint) < 0 || LibC.TrySendTo(fd, query, null) < 0)
            {
                LibC.Close(ref fd);
                Ask(query, reply, server + 1);
                return;
            }
        }
        catch (LinuxException)
        {
            // No descriptor is left, or this machine has not the version of the server's address.
            Ask(query, reply, server + 1);
            return;
        }

        Await(fd, query, reply, server);
    }

    private void Await(int fd, byte[] query, Action<byte[]> reply, int server)
    {
        (long, int) timer = loop.After(Patience, () =>
        {
            Close(fd);
            Ask(query, reply, server + 1);
        });
        _open.Add(fd);
        loop.Add(fd, LibC.EPOLLIN, _ =>
        {
            int length = LibC.TryReceiveFrom(fd, _buffer, out IPEndPoint? _);
            // Only an answer to this question counts; a refused connection asks the next server at once.
            if (length >= 0 && (length < DnsMessage.HeaderLength || _buffer[0] != query[0] || _buffer[1] != query[1] || (_buffer[2] & 0x80) == 0)) return;
            if (length == -Errno.EAGAIN) return;
            byte[]? answer = length >= 0 ? _buffer[..length] : null;
            loop.Cancel(timer);
            Close(fd);
            if (answer is not null) reply(answer);
            else Ask(query, reply, server + 1);
        });
    }

    private void Close(int fd)
    {
        if (!_open.Remove(fd)) return;
        loop.Remove(fd);
        LibC.Close(ref fd);
    }
}
