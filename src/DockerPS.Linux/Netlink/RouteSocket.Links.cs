using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Netlink;

public sealed partial class RouteSocket
{
    private const ushort RTM_NEWLINK = 16, RTM_DELLINK = 17, RTM_GETLINK = 18;
    private const ushort IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_MTU = 4, IFLA_LINK = 5, IFLA_MASTER = 10, IFLA_LINKINFO = 18, IFLA_NET_NS_FD = 28;
    private const ushort IFLA_INFO_KIND = 1, IFLA_INFO_DATA = 2, VETH_INFO_PEER = 1, IFLA_MACVLAN_MODE = 1, IFLA_IPVLAN_MODE = 1, IFLA_VLAN_ID = 1;
    private const int LinkLength = 16;
    private const uint IFF_UP = 1;

    public List<Link> Links()
    {
        var links = new List<Link>();
        Ask(new NetlinkMessage(RTM_GETLINK, Request | Dump, new byte[LinkLength]), "list interfaces", (type, body) =>
        {
            if (type == RTM_NEWLINK && LinkOf(body) is { } link) links.Add(link);
        });
        return links;
    }

    /// <summary>The interface of a name, null when there is none.</summary>
    public Link? Find(string name)
    {
        var message = new NetlinkMessage(RTM_GETLINK, Request | Acknowledge, new byte[LinkLength]);
        message.Attribute(IFLA_IFNAME, name);
        Link? found = null;
        try
        {
            Ask(message, $"find {name}", (type, body) => found = type == RTM_NEWLINK ? LinkOf(body) : found);
        }
        catch (LinuxException e) when (e.Number == Errno.ENODEV)
        {
            return null;
        }

        return found;
    }

    /// <summary>Makes a bridge.</summary>
    /// <exception cref="LinuxException">EEXIST: the name is taken.</exception>
    public void AddBridge(NewLink bridge)
    {
        NetlinkMessage message = Creation(bridge);
        Info(message, "bridge");
        Ask(message, $"add bridge {bridge.Name}", null);
    }

    /// <summary>
    /// Makes both ends of a cable, each in its namespace at once: to move an end there afterwards waits for the kernel's grace periods. The peer
    /// is down at first, for the kernel cannot set up what has no other end yet.
    /// </summary>
    /// <exception cref="LinuxException">EEXIST: a name is taken.</exception>
    public void AddVeth(NewLink end, NewLink peer)
    {
        NetlinkMessage message = Creation(end);
        int info = message.Begin(IFLA_LINKINFO);
        message.Attribute(IFLA_INFO_KIND, "veth");
        int data = message.Begin(IFLA_INFO_DATA);
        int inner = message.Begin(VETH_INFO_PEER, LinkHead(0, 0));
        Describe(message, peer);
        message.End(inner);
        message.End(data);
        message.End(info);
        Ask(message, $"add veth {end.Name}", null);
    }

    /// <summary>Makes an interface with an address of its own on another one.</summary>
    /// <param name="link">It.</param>
    /// <param name="parent">Number of the other, in the socket's namespace.</param>
    /// <param name="mode">How those on one parent see each other.</param>
    public void AddMacvlan(NewLink link, int parent, MacvlanMode mode)
    {
        NetlinkMessage message = Creation(link);
        message.Attribute(IFLA_LINK, parent);
        Info(message, "macvlan", () => message.Attribute(IFLA_MACVLAN_MODE, (int)mode));
        Ask(message, $"add macvlan {link.Name}", null);
    }

    /// <summary>Makes an interface on another one, whose hardware address it shares.</summary>
    /// <param name="link">It; without an address.</param>
    /// <param name="parent">Number of the other, in the socket's namespace.</param>
    /// <param name="mode">Who routes between those on one parent.</param>
    public void AddIpvlan(NewLink link, int parent, IpvlanMode mode)
    {
        NetlinkMessage message = Creation(link);
        message.Attribute(IFLA_LINK, parent);
        Info(message, "ipvlan", () => message.Attribute(IFLA_IPVLAN_MODE, BitConverter.GetBytes((ushort)mode)));
        Ask(message, $"add ipvlan {link.Name}", null);
    }

    /// <summary>Makes an interface for the packets of one VLAN of another one.</summary>
    /// <param name="link">It.</param>
    /// <param name="parent">Number of the other.</param>
    /// <param name="id">1 to 4094.</param>
    public void AddVlan(NewLink link, int parent, int id)
    {
        NetlinkMessage message = Creation(link);
        message.Attribute(IFLA_LINK, parent);
        Info(message, "vlan", () => message.Attribute(IFLA_VLAN_ID, BitConverter.GetBytes((ushort)id)));
        Ask(message, $"add vlan {link.Name}", null);
    }

    /// <summary>Removes an interface; with one end of a cable goes the other. The kernel takes its time (tens of milliseconds).</summary>
    public void Delete(int index) =>
        Ask(new NetlinkMessage(RTM_DELLINK, Request | Acknowledge, LinkHead(index, 0)), "delete interface", null);

    /// <summary>Makes an interface a port of a bridge; 0 makes it one of none.</summary>
    public void SetMaster(int index, int master)
    {
        NetlinkMessage message = LinkChange(index, 0, 0);
        message.Attribute(IFLA_MASTER, master);
        Ask(message, "set master", null);
    }

    /// <summary>Moves an interface to another network namespace and names it there; with <c>%d</c> in the name the kernel chooses.</summary>
    public void Move(int index, int networkNamespace, string name)
    {
        NetlinkMessage message = LinkChange(index, 0, 0);
        message.Attribute(IFLA_NET_NS_FD, networkNamespace);
        message.Attribute(IFLA_IFNAME, name);
        Ask(message, $"move interface to {name}", null);
    }

    public void SetUp(int index) => Ask(LinkChange(index, IFF_UP, IFF_UP), "set interface up", null);

    public void SetDown(int index) => Ask(LinkChange(index, 0, IFF_UP), "set interface down", null);

    private static Link? LinkOf(byte[] body)
    {
        if (body.Length < LinkLength) return null;
        Dictionary<ushort, byte[]> attributes = NetlinkMessage.Attributes(body.AsSpan(LinkLength));
        if (!attributes.TryGetValue(IFLA_IFNAME, out byte[]? name)) return null;
        string kind = attributes.TryGetValue(IFLA_LINKINFO, out byte[]? info)
            && NetlinkMessage.Attributes(info).TryGetValue(IFLA_INFO_KIND, out byte[]? kindName) ? Text(kindName) : "";
        int master = attributes.TryGetValue(IFLA_MASTER, out byte[]? index) ? MemoryMarshal.Read<int>(index) : 0;
        bool up = (MemoryMarshal.Read<uint>(body.AsSpan(8)) & IFF_UP) != 0;
        return new Link(MemoryMarshal.Read<int>(body.AsSpan(4)), Text(name), kind, master, up);
    }

    private static string Text(byte[] value) => Encoding.UTF8.GetString(value).TrimEnd('\0');

    private static NetlinkMessage Creation(NewLink link)
    {
        var message = new NetlinkMessage(RTM_NEWLINK, Request | Acknowledge | Create | Exclusive, LinkHead(0, link.Up ? IFF_UP : 0));
        Describe(message, link);
        return message;
    }

    private static void Describe(NetlinkMessage message, NewLink link)
    {
        message.Attribute(IFLA_IFNAME, link.Name);
        if (link.Address is { } address) message.Attribute(IFLA_ADDRESS, address);
        if (link.Mtu > 0) message.Attribute(IFLA_MTU, link.Mtu);
        if (link.Master > 0) message.Attribute(IFLA_MASTER, link.Master);
        if (link.Namespace >= 0) message.Attribute(IFLA_NET_NS_FD, link.Namespace);
    }

    private static void Info(NetlinkMessage message, string kind, Action? data = null)
    {
        int info = message.Begin(IFLA_LINKINFO);
        message.Attribute(IFLA_INFO_KIND, kind);
        if (data is not null)
        {
            int start = message.Begin(IFLA_INFO_DATA);
            data();
            message.End(start);
        }

        message.End(info);
    }

    /// <summary>struct ifinfomsg.</summary>
    private static byte[] LinkHead(int index, uint flags, uint? mask = null)
    {
        byte[] body = new byte[LinkLength];
        MemoryMarshal.Write(body.AsSpan(4), index);
        MemoryMarshal.Write(body.AsSpan(8), flags);
        MemoryMarshal.Write(body.AsSpan(12), mask ?? flags);
        return body;
    }

    private static NetlinkMessage LinkChange(int index, uint flags, uint mask) =>
        new(RTM_NEWLINK, Request | Acknowledge, LinkHead(index, flags, mask));
}
