namespace DockerPS.Linux.Netlink;

/// <summary>Interfaces, addresses and routes of one network namespace: the one in which the socket was opened (rtnetlink(7)).</summary>
public sealed partial class RouteSocket : IDisposable
{
    private const ushort Request = NetlinkSocket.Request, Acknowledge = NetlinkSocket.Acknowledge, Dump = NetlinkSocket.Dump,
        Create = NetlinkSocket.Create, Exclusive = NetlinkSocket.Exclusive, Replace = NetlinkSocket.Replace;

    private readonly NetlinkSocket _netlink;

    private RouteSocket(NetlinkSocket netlink) => _netlink = netlink;

    /// <summary>In the caller's network namespace.</summary>
    public static RouteSocket Open() => new(NetlinkSocket.Open(NetlinkSocket.Route, "rtnetlink"));

    /// <summary>In another one. The calling thread is there for a moment.</summary>
    /// <param name="networkNamespace">Descriptor of it.</param>
    public static RouteSocket Open(int networkNamespace) => NetworkNamespace.Open(networkNamespace, Open);

    public void Dispose() => _netlink.Dispose();

    private void Ask(NetlinkMessage message, string what, Action<ushort, byte[]>? answer) => _netlink.Ask([message], what, answer);
}
