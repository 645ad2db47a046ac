using System.Net;
using System.Net.Sockets;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Networks.Checks;

/// <summary>A running container as its network namespace and the host show it: interfaces, addresses, routes.</summary>
internal sealed class ContainerEnd : IDisposable
{
    private readonly TestNetworkEnd _end;
    private readonly RouteSocket _inner, _outer;
    private int _inside;

    /// <exception cref="RuntimeFailureException">It has ended.</exception>
    public ContainerEnd(TestNetworkEnd end)
    {
        _end = end;
        _inside = LibC.Open($"/proc/{end.Init.Pid}/ns/net", LibC.O_RDONLY);
        if (ProcStat.StartTime(end.Init.Pid) != end.Init.StartTime)
        {
            LibC.Close(ref _inside);
            throw new RuntimeFailureException(RuntimeStages.Network, $"Container '{end.Name}' ended at this moment.", "", Errno.ESRCH);
        }

        _inner = RouteSocket.Open(_inside);
        _outer = RouteSocket.Open();
    }

    public string Name => _end.Name;

    /// <summary>A process of it.</summary>
    public int Pid => _end.Init.Pid;

    public static IPAddress[] Addresses(SuperviseNetwork network) => [.. network.Addresses.Select(a => IPAddress.Parse(a.AsSpan(0, a.IndexOf('/', StringComparison.Ordinal))))];

    /// <summary>A socket of the container.</summary>
    public int Socket(IPAddress address, bool datagrams) => NetworkNamespace.Open(_inside, () => LibC.InternetSocket(address, datagrams));

    public NameAnswer Ask(string name, bool six, bool four, TimeSpan patience) => NameQuery.Ask(this, name, six, four, patience);

    public void Dispose()
    {
        _inner.Dispose();
        _outer.Dispose();
        LibC.Close(ref _inside);
    }

    /// <summary>The interface inside, the other end of its cable, and the bridge that both hang on.</summary>
    public (bool, string) Link(SuperviseNetwork network)
    {
        if (_inner.Find(network.Interface) is not { } link)
            return (false, $"'{Name}' has lost its interface {network.Interface}. Connect it again: Disconnect-ContainerNetwork {network.Name} {Name}, then Connect-ContainerNetwork {network.Name} {Name}.");
        if (!link.Up)
            return (false, $"The interface {network.Interface} of '{Name}' is down: something inside switched it off. Restart-Container {Name} sets it up.");
        return network.Driver == "bridge" ? OnBridge(network) : OnParent(network);
    }

    public (bool, string) Address(SuperviseNetwork network)
    {
        if (_inner.Find(network.Interface) is not { } link) return (false, $"'{Name}' has no interface {network.Interface} that could have an address.");
        HashSet<IPAddress> there = [.. _inner.GlobalAddresses(link.Index).Select(a => a.Address)];
        List<string> lost = [.. network.Addresses.Where((_, i) => !there.Contains(Addresses(network)[i]))];
        return lost.Count == 0
            ? (true, $"'{Name}' has {string.Join(", ", network.Addresses)}.")
            : (false, $"'{Name}' has lost {string.Join(", ", lost)} on {network.Interface}. Restart-Container {Name} gives it back.");
    }

    /// <summary>To others in the same network.</summary>
    public (bool, string) Route(SuperviseNetwork network, IPAddress[] targets)
    {
        int index = _inner.Find(network.Interface)?.Index ?? -1;
        foreach (IPAddress target in targets)
        {
            if (_inner.Lookup(target) is not { } route)
                return (false, $"'{Name}' has no route to {target}. Restart-Container {Name} makes its routes again.");
            if (route.Index != index)
                return (false, $"The way of '{Name}' to {target} does not lead by {network.Interface} but by {NameOf(route.Index)}: give its networks subnets that do not overlap, or restart it.");
        }

        return (true, $"'{Name}' reaches {string.Join(", ", targets.AsEnumerable())} by {network.Interface}.");
    }

    /// <summary>The network by which an address is reached; null when it is not.</summary>
    public SuperviseNetwork? NetworkTo(IPAddress target) =>
        _inner.Lookup(target) is { } route ? _end.Networks.Find(n => n.Interface == NameOf(route.Index)) : null;

    /// <summary>To the outside: a route, and a machine that forwards.</summary>
    /// <param name="network">By which it leads, if it does.</param>
    /// <param name="targets">One of them is enough.</param>
    public (bool, string) WayOut(SuperviseNetwork? network, List<IPAddress> targets)
    {
        IPAddress? target = targets.Find(t => _inner.Lookup(t) is not null);
        if (target is null || network is null)
        {
            return (false, $"'{Name}' has no route to {targets[0]}: " + (_end.Networks.TrueForAll(n => n.Internal)
                ? $"its networks are internal. Connect it to one with a way out: Connect-ContainerNetwork bridge {Name}."
                : $"its default route is gone. Restart-Container {Name} makes it again."));
        }

        Route route = _inner.Lookup(target)!.Value;
        if (route.Gateway is null) return (true, $"'{Name}' reaches {target} by {network.Interface}.");
        bool six = target.AddressFamily == AddressFamily.InterNetworkV6;
        string file = six ? "/proc/sys/net/ipv6/conf/all/forwarding" : "/proc/sys/net/ipv4/ip_forward";
        return network.Driver == "bridge" && LibC.TryReadFile(file) is [(byte)'0', ..]
            ? (false, $"This machine does not forward what containers send to {target}. Write 1 to {file}; what set it to 0 may do it again.")
            : (true, $"'{Name}' reaches {target} through {route.Gateway} by {network.Interface}.");
    }

    private (bool, string) OnBridge(SuperviseNetwork network)
    {
        string again = $"Restart-Container {Name} connects it again.";
        if (_outer.Find(network.Link) is not { Kind: "bridge" } bridge) return (false, $"The bridge {network.Link} of the network '{network.Name}' is gone. {again}");
        if (!bridge.Up) return (false, $"The bridge {network.Link} of this machine is down. Set it up: ip link set {network.Link} up.");
        if (_outer.Find(network.HostInterface) is not { } host) return (false, $"This machine has lost {network.HostInterface}, its end of the cable of '{Name}'. {again}");
        if (!host.Up) return (false, $"{network.HostInterface}, this machine's end of the cable of '{Name}', is down. Set it up: ip link set {network.HostInterface} up.");
        return host.Master == bridge.Index
            ? (true, $"'{Name}' is on {network.Link} by {network.Interface}.")
            : (false, $"{network.HostInterface}, this machine's end of the cable of '{Name}', is no port of {network.Link}. Make it one: ip link set {network.HostInterface} master {network.Link}.");
    }

    private (bool, string) OnParent(SuperviseNetwork network) => _outer.Find(network.Link) switch
    {
        null => (false, $"This machine's interface {network.Link}, on which the network '{network.Name}' stands, is gone. Bring it back, then Restart-Container {Name}."),
        { Up: false } => (false, $"This machine's interface {network.Link} is down. Set it up: ip link set {network.Link} up."),
        _ => (true, $"'{Name}' is on {network.Link} by {network.Interface}."),
    };

    private string NameOf(int index) => _inner.Links().Find(l => l.Index == index).Name ?? "an interface that is gone";
}
