using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DockerPS.Linux.Netlink;

/// <summary>An address of an interface, as the kernel lists it: struct ifaddrmsg and its attributes.</summary>
public sealed record LinkAddress(byte[] Head, IReadOnlyDictionary<ushort, byte[]> Attributes)
{
    private const ushort IFA_ADDRESS = 1, IFA_LOCAL = 2;

    /// <summary>The address itself; the other attribute is the peer's where the two differ.</summary>
    public IPAddress Address => new(Attributes.TryGetValue(IFA_LOCAL, out byte[]? local) ? local : Attributes[IFA_ADDRESS]);
}

public sealed partial class RouteSocket
{
    private const ushort RTM_NEWADDR = 20, RTM_DELADDR = 21, RTM_GETADDR = 22, IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_BROADCAST = 4, IFA_FLAGS = 8;
    private const uint IFA_F_PERMANENT = 0x80, IFA_F_NODAD = 2;
    private const int AddressLength = 8;
    private const byte AF_INET = 2, AF_INET6 = 10;

    /// <summary>Addresses that were set by hand and are good beyond this machine.</summary>
    public List<LinkAddress> GlobalAddresses(int index)
    {
        const int FlagsAt = 2, ScopeAt = 3, IndexAt = 4;
        var addresses = new List<LinkAddress>();
        Ask(new NetlinkMessage(RTM_GETADDR, Request | Dump, new byte[AddressLength]), "list addresses", (type, body) =>
        {
            if (type != RTM_NEWADDR || body.Length < AddressLength || MemoryMarshal.Read<int>(body.AsSpan(IndexAt)) != index) return;
            Dictionary<ushort, byte[]> attributes = NetlinkMessage.Attributes(body.AsSpan(AddressLength));
            uint flags = attributes.TryGetValue(IFA_FLAGS, out byte[]? wide) ? MemoryMarshal.Read<uint>(wide) : body[FlagsAt];
            if (body[ScopeAt] == 0 && (flags & IFA_F_PERMANENT) != 0) addresses.Add(new LinkAddress(body[..AddressLength], attributes));
        });
        return addresses;
    }

    /// <summary>Gives an interface an address that another, or the same elsewhere, had.</summary>
    public void Add(int index, LinkAddress address)
    {
        byte[] head = [.. address.Head];
        MemoryMarshal.Write(head.AsSpan(4), index);
        var message = new NetlinkMessage(RTM_NEWADDR, Request | Acknowledge | Create | Exclusive, head);
        // Itself, the peer's, that for broadcasts. A label has the old name in it.
        foreach (ushort kind in (ReadOnlySpan<ushort>)[IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST])
        {
            if (address.Attributes.TryGetValue(kind, out byte[]? value)) message.Attribute(kind, value);
        }

        Ask(message, "add address", null);
    }

    /// <summary>
    /// Gives an interface an address, and with it the route to its subnet. An address of version 6 is good at once: whoever gives it knows
    /// that nobody else has it. One that is there already is well given.
    /// </summary>
    /// <param name="index">The interface.</param>
    /// <param name="address">Version 4 or 6.</param>
    /// <param name="prefix">Bits of the subnet.</param>
    public void AddAddress(int index, IPAddress address, int prefix)
    {
        bool six = address.AddressFamily == AddressFamily.InterNetworkV6;
        byte[] head = new byte[AddressLength];
        head[0] = six ? AF_INET6 : AF_INET;
        head[1] = (byte)prefix;
        MemoryMarshal.Write(head.AsSpan(4), index);
        byte[] bytes = address.GetAddressBytes();
        var message = new NetlinkMessage(RTM_NEWADDR, Request | Acknowledge | Create | Replace, head);
        message.Attribute(IFA_LOCAL, bytes);
        message.Attribute(IFA_ADDRESS, bytes);
        if (six) message.Attribute(IFA_FLAGS, (int)IFA_F_NODAD);
        else if (prefix < 31) message.Attribute(IFA_BROADCAST, Broadcast(bytes, prefix));
        Ask(message, $"add address {address}/{prefix}", null);
    }

    /// <summary>Takes an address from an interface, and with it the routes that it brought.</summary>
    /// <exception cref="LinuxException">EADDRNOTAVAIL: it has none such.</exception>
    public void Delete(int index, LinkAddress address)
    {
        byte[] head = [.. address.Head];
        MemoryMarshal.Write(head.AsSpan(4), index);
        var message = new NetlinkMessage(RTM_DELADDR, Request | Acknowledge, head);
        message.Attribute(IFA_LOCAL, address.Address.GetAddressBytes());
        Ask(message, $"delete address {address.Address}", null);
    }

    private static byte[] Broadcast(byte[] address, int prefix)
    {
        byte[] last = [.. address];
        for (int bit = prefix; bit < 32; bit++) last[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return last;
    }
}
