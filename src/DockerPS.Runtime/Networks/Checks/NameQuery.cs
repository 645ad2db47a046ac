using System.Buffers.Binary;
using System.Net;
using System.Text;
using DockerPS.Linux;
using DockerPS.Runtime.Networks.Dns;

namespace DockerPS.Runtime.Networks.Checks;

/// <summary>What a name server said.</summary>
/// <param name="Addresses">None when there is no such name.</param>
/// <param name="Failure">Why nothing was said.</param>
internal readonly record struct NameAnswer(List<IPAddress> Addresses, string? Failure);

/// <summary>Asks the name server of a container, as its programs do (RFC 1035).</summary>
internal static class NameQuery
{
    private static readonly IPEndPoint Server = new(IPAddress.Parse("127.0.0.11"), 53);

    public static NameAnswer Ask(ContainerEnd container, string name, bool six, bool four, TimeSpan patience)
    {
        var addresses = new List<IPAddress>();
        foreach (ushort type in (ReadOnlySpan<ushort>)[DnsMessage.A, DnsMessage.Aaaa])
        {
            if (!(type == DnsMessage.A ? four : six)) continue;
            int fd = container.Socket(Server.Address, datagrams: true);
            try
            {
                if (Exchange(fd, Query(name, type), patience, out byte[] answer) is { } failure)
                    return new NameAnswer(addresses, $"{failure} on 127.0.0.11 of '{container.Name}'. Restart-Container {container.Name} starts its name server again.");
                int code = answer[3] & 0xF;
                if (code is not (DnsMessage.NoError or DnsMessage.NameError))
                    return new NameAnswer(addresses, $"The name servers of this machine did not answer for '{name}' (code {code}). Check them, or set others with -Dns.");
                addresses.AddRange(Addresses(answer, type));
            }
            finally
            {
                LibC.Close(ref fd);
            }
        }

        return new NameAnswer(addresses, null);
    }

    internal static byte[] Query(string name, ushort type)
    {
        var query = new List<byte> { 0x44, 0x50, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (string label in name.TrimEnd('.').Split('.'))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(label);
            query.Add((byte)Math.Min(bytes.Length, 63));
            query.AddRange(bytes.Take(63));
        }

        query.AddRange([0, 0, (byte)type, 0, 1]);
        return [.. query];
    }

    /// <summary>Addresses of the question's type; other records, such as of a canonical name, are passed over.</summary>
    internal static List<IPAddress> Addresses(ReadOnlySpan<byte> message, ushort type)
    {
        const int RecordHead = 10;
        var addresses = new List<IPAddress>();
        int at = SkipName(message, DnsMessage.HeaderLength) + 4;
        for (int left = BinaryPrimitives.ReadUInt16BigEndian(message[6..]); left > 0; left--)
        {
            at = SkipName(message, at);
            if (at + RecordHead > message.Length) break;
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            bool wanted = BinaryPrimitives.ReadUInt16BigEndian(message[at..]) == type && length == (type == DnsMessage.A ? 4 : 16);
            at += RecordHead;
            if (at + length > message.Length) break;
            if (wanted) addresses.Add(new IPAddress(message.Slice(at, length)));
            at += length;
        }

        return addresses;
    }

    private static string? Exchange(int fd, byte[] query, TimeSpan patience, out byte[] answer)
    {
        answer = [];
        byte[] buffer = new byte[4096];
        if (LibC.TryConnect(fd, Server) < 0 || LibC.TrySendTo(fd, query, null) < 0 || !Readiness.Await(fd, LibC.POLLIN, patience)) return "No name server answers";
        int length = LibC.TryReceiveFrom(fd, buffer, out _);
        if (length < DnsMessage.HeaderLength) return "There is no name server";
        answer = buffer[..length];
        return null;
    }

    private static int SkipName(ReadOnlySpan<byte> message, int at)
    {
        while (at < message.Length && message[at] != 0)
        {
            // Two bits say that the rest stands elsewhere.
            if ((message[at] & 0xC0) == 0xC0) return at + 2;
            at += message[at] + 1;
        }

        return at + 1;
    }
}
