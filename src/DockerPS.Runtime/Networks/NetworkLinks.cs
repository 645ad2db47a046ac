using System.Globalization;
using System.Net;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Networks;

/// <summary>
/// Connects a container's network namespace: bridges and cables, addresses and routes. The cables go with the namespace, so nothing has to be
/// undone when a container ends.
/// </summary>
/// <param name="warn">Told what does not work and does not prevent the start.</param>
internal sealed class NetworkLinks(Action<string> warn)
{
    private const int LoopbackIndex = 1;

    /// <param name="networks">In order; the first is eth0.</param>
    /// <param name="others">Those that are connected already.</param>
    /// <param name="pid">A process in the namespace.</param>
    /// <exception cref="RuntimeFailureException">The network's name and what failed.</exception>
    public void Connect(IReadOnlyList<SuperviseNetwork> networks, IReadOnlyList<SuperviseNetwork> others, int pid)
    {
        if (networks.Count == 0) return;
        int inside = LibC.Open($"/proc/{pid}/ns/net", LibC.O_RDONLY);
        try
        {
            using RouteSocket outer = RouteSocket.Open(), inner = RouteSocket.Open(inside);
            // The container's first process does it as well; who comes first does not matter.
            inner.SetUp(LoopbackIndex);
            List<WayOut> ways = WayOut.Of([.. others, .. networks]);
            foreach (SuperviseNetwork network in networks) Connect(network, ways, outer, inner, inside);
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(RuntimeStages.Network, e);
        }
        finally
        {
            LibC.Close(ref inside);
        }
    }

    /// <summary>Takes an interface out of a container; one that is not there is well taken. What left by it leaves by another network that has a way out.</summary>
    /// <param name="network">It.</param>
    /// <param name="others">Those that stay.</param>
    /// <param name="pid">A process in the namespace.</param>
    public static void Disconnect(SuperviseNetwork network, IReadOnlyList<SuperviseNetwork> others, int pid)
    {
        int inside = LibC.Open($"/proc/{pid}/ns/net", LibC.O_RDONLY);
        try
        {
            using RouteSocket inner = RouteSocket.Open(inside);
            if (inner.Find(network.Interface) is not { } link) return;
            inner.Delete(link.Index);
            foreach (WayOut way in WayOut.Of(others))
                if (network.Gateways.Exists(gateway => IPAddress.Parse(gateway).AddressFamily == way.Family) && inner.Find(way.Network.Interface) is { } other) Lead(way, inner, other.Index);
        }
        finally
        {
            LibC.Close(ref inside);
        }
    }

    private void Connect(SuperviseNetwork network, List<WayOut> ways, RouteSocket outer, RouteSocket inner, int inside)
    {
        try
        {
            var end = new NewLink(network.Interface) { Namespace = inside, Address = Bytes(network.MacAddress), Mtu = network.Mtu };
            if (network.Driver == "macvlan") outer.AddMacvlan(end, Parent(network, outer), Mode(network.Mode));
            else if (network.Driver == "ipvlan") outer.AddIpvlan(end with { Address = null }, Parent(network, outer), IpMode(network.Mode));
            else AddCable(network, outer, end);
            int index = inner.Find(network.Interface)?.Index ?? throw new LinuxException($"find {network.Interface}", Errno.ENODEV);
            foreach (string address in network.Addresses) Give(inner, index, address);
            inner.SetUp(index);
            foreach (WayOut way in ways)
                if (way.Network == network) Lead(way, inner, index);
        }
        catch (LinuxException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Network, $"The container cannot be connected to the network '{network.Name}': {e.Message}", e.Call, e.Number);
        }
    }

    /// <summary>A default route that the container has set itself stays.</summary>
    private static void Lead(WayOut way, RouteSocket inner, int index)
    {
        try
        {
            inner.AddRoute(null, way.Gateway, index);
        }
        catch (LinuxException e) when (e.Number == Errno.EEXIST)
        {
        }
    }

    private void AddCable(SuperviseNetwork network, RouteSocket outer, NewLink end)
    {
        Link bridge = new Bridge(network, outer, warn).Find();
        var host = new NewLink(network.HostInterface) { Master = bridge.Index, Up = true, Mtu = network.Mtu };
        try
        {
            outer.AddVeth(host, end);
        }
        catch (LinuxException e) when (e.Number == Errno.EEXIST && outer.Find(network.HostInterface) is { } stale)
        {
            // Of a run whose namespace is on its way out: the kernel takes its time.
            outer.Delete(stale.Index);
            outer.AddVeth(host, end);
        }
    }

    private static int Parent(SuperviseNetwork network, RouteSocket outer)
    {
        Link parent = outer.Find(network.Link) ?? throw new LinuxException($"find the interface {network.Link} of this machine", Errno.ENODEV);
        if (network.Vlan == 0) return parent.Index;
        string name = $"{network.Link}.{network.Vlan.ToString(CultureInfo.InvariantCulture)}";
        if (outer.Find(name) is { } there) return there.Index;
        outer.AddVlan(new NewLink(name) { Up = true }, parent.Index, network.Vlan);
        return outer.Find(name)!.Value.Index;
    }

    private static MacvlanMode Mode(string? mode) => mode switch
    {
        "private" => MacvlanMode.Private,
        "vepa" => MacvlanMode.Vepa,
        "passthru" => MacvlanMode.Passthru,
        _ => MacvlanMode.Bridge,
    };

    private static IpvlanMode IpMode(string? mode) => mode switch
    {
        "l3" => IpvlanMode.L3,
        "l3s" => IpvlanMode.L3S,
        _ => IpvlanMode.L2,
    };

    /// <param name="routes">Of the interface's namespace.</param>
    /// <param name="index">The interface.</param>
    /// <param name="address">With its prefix.</param>
    public static void Give(RouteSocket routes, int index, string address)
    {
        int slash = address.IndexOf('/', StringComparison.Ordinal);
        routes.AddAddress(index, IPAddress.Parse(address.AsSpan(0, slash)), int.Parse(address.AsSpan(slash + 1), CultureInfo.InvariantCulture));
    }

    /// <summary>A hardware address; null leaves it to the kernel.</summary>
    public static byte[]? Bytes(string? mac) => mac is null ? null : Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal));
}
