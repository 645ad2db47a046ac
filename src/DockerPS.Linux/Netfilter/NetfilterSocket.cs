using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DockerPS.Linux.Netlink;

namespace DockerPS.Linux.Netfilter;

/// <summary>
/// Elements of nf_tables' sets and maps, and what else of the firewall has to be quick, by nfnetlink in the caller's network namespace. Tables and
/// rules are <see cref="NftablesLibrary"/>'s.
/// </summary>
public sealed class NetfilterSocket : IDisposable
{
    private const ushort BatchBegin = 0x10, BatchEnd = 0x11, Tables = 10 << 8, Connections = 1 << 8;
    private const ushort GetTable = Tables | 1, NewChain = Tables | 3, GetChain = Tables | 4,
        NewElement = Tables | 12, GetElement = Tables | 13, DeleteElement = Tables | 14, DeleteConnections = Connections | 2;
    private const byte FamilyInet = 1, Version4 = 2, Version6 = 10;

    private readonly NetlinkSocket _netlink;

    private NetfilterSocket(NetlinkSocket netlink) => _netlink = netlink;

    /// <exception cref="LinuxException">EPROTONOSUPPORT: the kernel has no netfilter.</exception>
    public static NetfilterSocket Open() => new(NetlinkSocket.Open(NetlinkSocket.Netfilter, "nfnetlink"));

    public void Dispose() => _netlink.Dispose();

    /// <summary>Whether the kernel could have a table of the family inet and has not.</summary>
    public bool IsMissing(string table)
    {
        var message = new NetlinkMessage(GetTable, NetlinkSocket.Request | NetlinkSocket.Acknowledge, Head(FamilyInet));
        message.Attribute(1, table);
        try
        {
            _netlink.Ask([message], "find table");
            return false;
        }
        catch (LinuxException e)
        {
            // Others say that there is no nf_tables at all.
            return e.Number == Errno.ENOENT;
        }
    }

    /// <summary>Puts an element into a map of a table of the family inet; what the map had for the key is replaced.</summary>
    /// <param name="table">Name.</param>
    /// <param name="map">Name.</param>
    /// <param name="key">As the kernel compares it: each field padded to four bytes.</param>
    /// <param name="value">Likewise.</param>
    /// <exception cref="LinuxException">ENOENT: there is no such table or map.</exception>
    public void SetElement(string table, string map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        try
        {
            Change(NewElement, NetlinkSocket.Create, table, map, key, value);
        }
        catch (LinuxException e) when (e.Number is Errno.EBUSY or Errno.EEXIST)
        {
            Change(DeleteElement, 0, table, map, key, default);
            Change(NewElement, NetlinkSocket.Create, table, map, key, value);
        }
    }

    /// <summary>Takes an element out of a map; one that is not there is well taken, and one with another value is somebody else's by now.</summary>
    public void RemoveElement(string table, string map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        try
        {
            if (!ValueOf(table, map, key).AsSpan().SequenceEqual(value)) return;
            Change(DeleteElement, 0, table, map, key, default);
        }
        catch (LinuxException e) when (e.Number == Errno.ENOENT)
        {
        }
    }

    /// <summary>A chain of another table than ours that drops what it does not know of all that is forwarded, as <c>ip filter FORWARD</c>; null when there is none.</summary>
    /// <param name="ours">Name of a table that is left out.</param>
    public string? DroppingForwardChain(string ours)
    {
        const int ForwardHook = 2, Drop = 0;
        string? found = null;
        var message = new NetlinkMessage(GetChain, NetlinkSocket.Request | NetlinkSocket.Dump, Head(0));
        _netlink.Ask([message], "list chains", (type, body) =>
        {
            if (type != NewChain || body[0] is not (FamilyInet or Version4 or Version6)) return;
            Dictionary<ushort, byte[]> chain = NetlinkMessage.Attributes(body.AsSpan(4));
            if (!chain.TryGetValue(4, out byte[]? hook) || !chain.TryGetValue(5, out byte[]? policy)) return;
            if (BinaryPrimitives.ReadInt32BigEndian(policy) != Drop || BinaryPrimitives.ReadInt32BigEndian(NetlinkMessage.Attributes(hook)[1]) != ForwardHook) return;
            string table = Text(chain[1]);
            if (table != ours) found ??= $"{(body[0] == FamilyInet ? "inet" : body[0] == Version4 ? "ip" : "ip6")} {table} {Text(chain[3])}";
        });
        return found;
    }

    /// <summary>Forgets the flows of UDP that lead to a port of this machine, so that the rules are asked again.</summary>
    public void ForgetDatagramsTo(int port)
    {
        // CTA_FILTER_F_CTA_PROTO_NUM, _PROTO_DST_PORT
        foreach (byte family in (ReadOnlySpan<byte>)[Version4, Version6]) Forget(family, original: true, 1 << 3 | 1 << 5, null, port);
    }

    /// <summary>Forgets the flows of UDP that an address answers: those of a container that has ended.</summary>
    public void ForgetDatagramsOf(IPAddress address)
    {
        // CTA_FILTER_F_CTA_IP_SRC, _PROTO_NUM
        Forget(address.AddressFamily == AddressFamily.InterNetworkV6 ? Version6 : Version4, original: false, 1 << 0 | 1 << 3, address, 0);
    }

    private byte[]? ValueOf(string table, string map, ReadOnlySpan<byte> key)
    {
        byte[]? value = null;
        _netlink.Ask([Element(GetElement, 0, table, map, key, default)], $"look up in {map}", (_, body) =>
        {
            byte[] list = NetlinkMessage.Attributes(body.AsSpan(4))[3], element = NetlinkMessage.Attributes(list)[1];
            value = NetlinkMessage.Attributes(NetlinkMessage.Attributes(element)[2])[1];
        });
        return value;
    }

    private void Change(ushort kind, ushort flags, string table, string map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> batch = [0, 0, 0, Tables >> 8];
        _netlink.Ask(
            [new NetlinkMessage(BatchBegin, NetlinkSocket.Request, batch), Element(kind, flags, table, map, key, value), new NetlinkMessage(BatchEnd, NetlinkSocket.Request, batch)],
            kind == NewElement ? $"add to {map}" : $"remove from {map}");
    }

    private static NetlinkMessage Element(ushort kind, ushort flags, string table, string map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var message = new NetlinkMessage(kind, (ushort)(NetlinkSocket.Request | NetlinkSocket.Acknowledge | flags), Head(FamilyInet));
        message.Attribute(1, table);
        message.Attribute(2, map);
        int list = message.Begin(3), element = message.Begin(1);
        Data(1, key);
        if (value.Length > 0) Data(2, value);
        message.End(element);
        message.End(list);
        return message;

        void Data(ushort attribute, ReadOnlySpan<byte> bytes)
        {
            int data = message.Begin(attribute);
            message.Attribute(1, bytes);
            message.End(data);
        }
    }

    /// <summary>Flushes entries of the connection tracking that match a tuple's parts (CTA_FILTER); a kernel without it keeps them until they time out.</summary>
    private void Forget(byte family, bool original, int flags, IPAddress? source, int port)
    {
        const byte Udp = 17;
        var message = new NetlinkMessage(DeleteConnections, NetlinkSocket.Request | NetlinkSocket.Acknowledge, [family, 1, 0, 0]);
        int tuple = message.Begin((ushort)(original ? 1 : 2));
        if (source is not null)
        {
            int ip = message.Begin(1);
            message.Attribute((ushort)(family == Version6 ? 3 : 1), source.GetAddressBytes());
            message.End(ip);
        }

        int protocol = message.Begin(2);
        message.Attribute(1, [Udp]);
        if (port > 0) message.Attribute(3, [(byte)(port >> 8), (byte)port]);
        message.End(protocol);
        message.End(tuple);
        int filter = message.Begin(25);
        message.Attribute((ushort)(original ? 1 : 2), flags);
        message.End(filter);
        try
        {
            _netlink.Ask([message], "forget flows");
        }
        catch (LinuxException)
        {
            // Without nf_conntrack_netlink, or older than Linux 6.8.
        }
    }

    /// <summary>struct nfgenmsg.</summary>
    private static byte[] Head(byte family) => [family, 0, 0, 0];

    private static string Text(byte[] value) => Encoding.UTF8.GetString(value).TrimEnd('\0');
}
