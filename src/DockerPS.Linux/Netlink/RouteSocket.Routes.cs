using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DockerPS.Linux.Netlink;

/// <summary>The way to an address.</summary>
/// <param name="Index">The interface.</param>
/// <param name="Gateway">Null when it is on the interface's own link.</param>
public readonly record struct Route(int Index, IPAddress? Gateway);

public sealed partial class RouteSocket
{
    private const ushort RTM_NEWROUTE = 24, RTM_DELROUTE = 25, RTM_GETROUTE = 26, RTA_DST = 1, RTA_OIF = 4, RTA_GATEWAY = 5;
    private const byte RT_TABLE_MAIN = 254, RTPROT_STATIC = 4, RT_SCOPE_UNIVERSE = 0, RT_SCOPE_LINK = 253, RTN_UNICAST = 1, RTN_LOCAL = 2;
    private const int RouteLength = 12;

    /// <summary>Adds a route.</summary>
    /// <param name="destination">Null is everything that no other route leads to.</param>
    /// <param name="gateway">Null when the destination is on the link itself; then <paramref name="destination"/> says the version.</param>
    /// <param name="index">The interface.</param>
    /// <exception cref="LinuxException">EEXIST; ENETUNREACH: the gateway is not on the interface's subnet.</exception>
    public void AddRoute(IPNetwork? destination, IPAddress? gateway, int index)
    {
        AddressFamily family = (gateway ?? destination?.BaseAddress ?? IPAddress.Any).AddressFamily;
        byte[] head = new byte[RouteLength];
        head[0] = family == AddressFamily.InterNetworkV6 ? AF_INET6 : AF_INET;
        head[1] = (byte)(destination?.PrefixLength ?? 0);
        head[4] = RT_TABLE_MAIN;
        head[5] = RTPROT_STATIC;
        head[6] = gateway is null ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
        head[7] = RTN_UNICAST;
        var message = new NetlinkMessage(RTM_NEWROUTE, Request | Acknowledge | Create | Exclusive, head);
        if (destination is { PrefixLength: > 0 } network) message.Attribute(RTA_DST, network.BaseAddress.GetAddressBytes());
        if (gateway is not null) message.Attribute(RTA_GATEWAY, gateway.GetAddressBytes());
        message.Attribute(RTA_OIF, index);
        Ask(message, $"add route {destination?.ToString() ?? "default"}", null);
    }

    /// <summary>Where the kernel would send a packet; null when nowhere.</summary>
    /// <param name="target">To whom.</param>
    public Route? Lookup(IPAddress target)
    {
        byte[] bytes = target.GetAddressBytes(), head = new byte[RouteLength];
        head[0] = bytes.Length == 16 ? AF_INET6 : AF_INET;
        head[1] = (byte)(bytes.Length * 8);
        var message = new NetlinkMessage(RTM_GETROUTE, Request | Acknowledge, head);
        message.Attribute(RTA_DST, bytes);
        Route? found = null;
        try
        {
            Ask(message, $"find a route to {target}", (type, body) =>
            {
                const int TypeAt = 7;
                if (type != RTM_NEWROUTE || body.Length < RouteLength || body[TypeAt] is not (RTN_UNICAST or RTN_LOCAL)) return;
                Dictionary<ushort, byte[]> attributes = NetlinkMessage.Attributes(body.AsSpan(RouteLength));
                int index = attributes.TryGetValue(RTA_OIF, out byte[]? link) ? MemoryMarshal.Read<int>(link) : 0;
                IPAddress? gateway = attributes.TryGetValue(RTA_GATEWAY, out byte[]? way) && way.Length is 4 or 16 ? new IPAddress(way) : null;
                found = new Route(index, gateway);
            });
        }
        catch (LinuxException e) when (e.Number is Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EACCES or Errno.EINVAL)
        {
            // None, or one that says: unreachable, prohibited, a black hole.
            return null;
        }

        return found;
    }

    /// <summary>Removes the default route of a version.</summary>
    /// <exception cref="LinuxException">ESRCH: there is none.</exception>
    public void DeleteDefaultRoute(bool six)
    {
        byte[] head = new byte[RouteLength];
        head[0] = six ? AF_INET6 : AF_INET;
        head[4] = RT_TABLE_MAIN;
        head[6] = RT_SCOPE_UNIVERSE;
        Ask(new NetlinkMessage(RTM_DELROUTE, Request | Acknowledge, head), "delete route default", null);
    }

    /// <summary>Where the main table leads to, but for the default: subnets that are taken.</summary>
    public List<IPNetwork> Destinations()
    {
        var networks = new List<IPNetwork>();
        Ask(new NetlinkMessage(RTM_GETROUTE, Request | Dump, new byte[RouteLength]), "list routes", (type, body) =>
        {
            if (type != RTM_NEWROUTE || body.Length < RouteLength || body[4] != RT_TABLE_MAIN || body[1] == 0) return;
            if (NetlinkMessage.Attributes(body.AsSpan(RouteLength)).TryGetValue(RTA_DST, out byte[]? bytes) && bytes.Length is 4 or 16)
                networks.Add(new IPNetwork(new IPAddress(bytes), body[1]));
        });
        return networks;
    }
}
