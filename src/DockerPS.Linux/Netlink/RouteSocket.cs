using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Netlink;

/// <summary>A network interface: its number and name.</summary>
public readonly record struct Link(int Index, string Name);

/// <summary>An address of an interface, as the kernel lists it: struct ifaddrmsg and its attributes.</summary>
public sealed record LinkAddress(byte[] Head, IReadOnlyDictionary<ushort, byte[]> Attributes);

/// <summary>Interfaces and addresses of one network namespace: the one in which the socket was opened (rtnetlink(7)).</summary>
public sealed unsafe class RouteSocket : IDisposable
{
    private const ushort RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_GETADDR = 22, NLMSG_ERROR = 2, NLMSG_DONE = 3;
    private const ushort Request = 1, Acknowledge = 4, Dump = 0x300, Create = 0x400, Exclusive = 0x200;
    private const ushort IFLA_IFNAME = 3, IFLA_NET_NS_FD = 28, IFA_FLAGS = 8;
    private const uint IFA_F_PERMANENT = 0x80;
    private const int LinkLength = 16, AddressLength = 8, AF_NETLINK = 16, SOCK_RAW = 3;
    private int _socket;
    private uint _sequence;

    private RouteSocket(int socket) => _socket = socket;

    /// <summary>In the caller's network namespace.</summary>
    public static RouteSocket Open()
    {
        nint socket = Syscall.Invoke(Syscall.Socket, AF_NETLINK, SOCK_RAW | LibC.SOCK_CLOEXEC);
        return socket >= 0 ? new RouteSocket((int)socket) : throw new LinuxException("socket(netlink)", (int)-socket);
    }

    /// <summary>In another one. The calling thread is there for a moment.</summary>
    /// <param name="networkNamespace">Descriptor of it.</param>
    public static RouteSocket Open(int networkNamespace)
    {
        int own = LibC.Open("/proc/thread-self/ns/net", LibC.O_RDONLY);
        try
        {
            if (LibC.setns(networkNamespace, (int)LibC.CLONE_NEWNET) != 0) throw LibC.Failure("setns(network)");
            try
            {
                return Open();
            }
            finally
            {
                if (LibC.setns(own, (int)LibC.CLONE_NEWNET) != 0) Environment.FailFast("The network namespace was left for good.");
            }
        }
        finally
        {
            LibC.Close(ref own);
        }
    }

    public List<Link> Links()
    {
        var links = new List<Link>();
        Ask(new RouteMessage(RTM_GETLINK, Request | Dump, new byte[LinkLength]), "list interfaces", (type, body) =>
        {
            if (type != RTM_NEWLINK || body.Length < LinkLength) return;
            if (RouteMessage.Attributes(body.AsSpan(LinkLength)).TryGetValue(IFLA_IFNAME, out byte[]? name))
                links.Add(new Link(MemoryMarshal.Read<int>(body.AsSpan(4)), Encoding.UTF8.GetString(name).TrimEnd('\0')));
        });
        return links;
    }

    /// <summary>Addresses that were set by hand and are good beyond this machine.</summary>
    public List<LinkAddress> GlobalAddresses(int index)
    {
        const int FlagsAt = 2, ScopeAt = 3, IndexAt = 4;
        var addresses = new List<LinkAddress>();
        Ask(new RouteMessage(RTM_GETADDR, Request | Dump, new byte[AddressLength]), "list addresses", (type, body) =>
        {
            if (type != RTM_NEWADDR || body.Length < AddressLength || MemoryMarshal.Read<int>(body.AsSpan(IndexAt)) != index) return;
            Dictionary<ushort, byte[]> attributes = RouteMessage.Attributes(body.AsSpan(AddressLength));
            uint flags = attributes.TryGetValue(IFA_FLAGS, out byte[]? wide) ? MemoryMarshal.Read<uint>(wide) : body[FlagsAt];
            if (body[ScopeAt] == 0 && (flags & IFA_F_PERMANENT) != 0) addresses.Add(new LinkAddress(body[..AddressLength], attributes));
        });
        return addresses;
    }

    /// <summary>Moves an interface to another network namespace and names it there; with <c>%d</c> in the name the kernel chooses.</summary>
    public void Move(int index, int networkNamespace, string name)
    {
        RouteMessage message = LinkChange(index, 0, 0);
        message.Attribute(IFLA_NET_NS_FD, BitConverter.GetBytes(networkNamespace));
        message.Attribute(IFLA_IFNAME, Encoding.UTF8.GetBytes(name + "\0"));
        Ask(message, $"move interface to {name}", null);
    }

    public void SetUp(int index) => Ask(LinkChange(index, 1, 1), "set interface up", null);

    /// <summary>Gives an interface an address that another, or the same elsewhere, had.</summary>
    public void Add(int index, LinkAddress address)
    {
        byte[] head = [.. address.Head];
        MemoryMarshal.Write(head.AsSpan(4), index);
        var message = new RouteMessage(RTM_NEWADDR, Request | Acknowledge | Create | Exclusive, head);
        // Itself, the peer's, that for broadcasts. A label has the old name in it.
        foreach (ushort kind in (ReadOnlySpan<ushort>)[1, 2, 4])
        {
            if (address.Attributes.TryGetValue(kind, out byte[]? value)) message.Attribute(kind, value);
        }

        Ask(message, "add address", null);
    }

    public void Dispose() => LibC.Close(ref _socket);

    private static RouteMessage LinkChange(int index, uint flags, uint mask)
    {
        byte[] body = new byte[LinkLength];
        MemoryMarshal.Write(body.AsSpan(4), index);
        MemoryMarshal.Write(body.AsSpan(8), flags);
        MemoryMarshal.Write(body.AsSpan(12), mask);
        return new RouteMessage(RTM_NEWLINK, Request | Acknowledge, body);
    }

    /// <summary>Sends, and reads answers up to the one that ends them.</summary>
    private void Ask(RouteMessage message, string what, Action<ushort, byte[]>? answer)
    {
        int result = LibC.TryWrite(_socket, message.ToBytes(++_sequence));
        if (result < 0) throw new LinuxException($"rtnetlink({what})", -result);
        byte[] buffer = new byte[65536];
        while (true)
        {
            nint length;
            fixed (byte* start = buffer) length = Syscall.Invoke(Syscall.Read, _socket, (nint)start, buffer.Length);
            if (length == -Errno.EINTR) continue;
            if (length <= 0) throw new LinuxException($"rtnetlink({what})", (int)-length);
            for (ReadOnlySpan<byte> rest = buffer.AsSpan(0, (int)length); rest.Length >= 16;)
            {
                int size = MemoryMarshal.Read<int>(rest);
                if (size < 16 || size > rest.Length) break;
                ushort type = MemoryMarshal.Read<ushort>(rest[4..]);
                if (type == NLMSG_DONE) return;
                if (type == NLMSG_ERROR)
                {
                    int errno = MemoryMarshal.Read<int>(rest[16..]);
                    if (errno == 0) return;
                    throw new LinuxException($"rtnetlink({what})", -errno);
                }

                answer?.Invoke(type, rest[16..size].ToArray());
                rest = rest[Math.Min(rest.Length, (size + 3) & ~3)..];
            }
        }
    }
}
