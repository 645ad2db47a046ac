using System.Net;
using System.Net.Sockets;

namespace DockerPS.Runtime.Networks.Dns;

/// <summary>Answers from the names of a container's networks; what they do not know is for others to answer.</summary>
internal sealed class DnsResolver
{
    private readonly Dictionary<string, NameTable> _tables = [];

    public void Add(string network, string directory) => _tables[directory] = new NameTable(network, directory);

    public void Remove(string directory) => _tables.Remove(directory);

    /// <summary>The answer; null when no network of the container knows the name, or the query is no plain one.</summary>
    /// <param name="query">A whole message.</param>
    /// <param name="limit">Bytes that an answer may have; 0 takes what the query allows in one datagram.</param>
    public byte[]? Answer(ReadOnlySpan<byte> query, int limit)
    {
        if (DnsMessage.Parse(query) is not { } question) return null;
        if (question.Type == DnsMessage.Ptr)
        {
            return DnsMessage.ReverseAddress(question.Name) is { } address && NameOf(address) is { } name
                ? DnsMessage.Answer(query, question, name)
                : null;
        }

        List<IPAddress> all = [.. _tables.Values.SelectMany(table => table.Find(question.Name)).SelectMany(record => record.Addresses).Distinct()];
        if (all.Count == 0) return null;
        AddressFamily? family = question.Type switch
        {
            DnsMessage.A => AddressFamily.InterNetwork,
            DnsMessage.Aaaa => AddressFamily.InterNetworkV6,
            _ => null,
        };
        // The name is there, with nothing of other types.
        IPAddress[] asked = [.. all.Where(address => address.AddressFamily == family)];
        Random.Shared.Shuffle(asked);
        return DnsMessage.Answer(query, question, asked, DnsMessage.NoError, limit > 0 ? limit : question.Limit);
    }

    private string? NameOf(IPAddress address)
    {
        foreach (NameTable table in _tables.Values)
        {
            if (table.Find(address) is { } name) return name;
        }

        return null;
    }
}
