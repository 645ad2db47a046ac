using System.Net;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Networks.Dns;
using DockerPS.Runtime.Networks.Ports;

namespace DockerPS.Runtime.Networks;

/// <summary>All that a container has to do with networks while it runs: its interfaces, its names there, and its own name server.</summary>
internal sealed class ContainerNetworks(SuperviseConfig surroundings, Action<string> warn) : IDisposable
{
    private readonly List<SuperviseNetwork> _connected = [];
    private readonly int _pid = LibC.getpid();
    private readonly EventLoop _loop = new(warn);
    private DnsServer? _names;
    private PublishedPorts? _ports;
    private PortTarget? _ported;

    public EventLoop Loop => _loop;

    /// <summary>The ports that are published, with the host's where a free one was taken.</summary>
    public List<SupervisePort> Ports => _ports?.All ?? [];

    public IReadOnlyList<SuperviseNetwork> Connected => _connected;

    /// <summary>Takes the host's ports, before anything else is done.</summary>
    /// <exception cref="RuntimeFailureException">One is taken, or this machine lets us make no networks.</exception>
    public void Prepare()
    {
        if (surroundings.Networks.Count > 0 && !Capabilities.Has("CAP_NET_ADMIN"))
            throw new RuntimeFailureException(RuntimeStages.Network, "Interfaces cannot be made without the capability CAP_NET_ADMIN.", "capget", Errno.EPERM);
        if (surroundings.Ports.Count == 0) return;
        _ports = new PublishedPorts(_loop);
        foreach (SupervisePort port in surroundings.Ports) _ports.Add(port);
    }

    /// <summary>Publishes a port of the running container.</summary>
    /// <exception cref="RuntimeFailureException">It is taken, or the container has no address that it could lead to.</exception>
    public void Publish(SupervisePort port)
    {
        if (_connected.Count == 0) throw new RuntimeFailureException(RuntimeStages.Network, "The container is connected to no network.");
        _ports ??= new PublishedPorts(_loop);
        ServePorts();
        _ports.Add(port);
    }

    /// <summary>Publishes it no more; false when it was not.</summary>
    public bool Unpublish(SupervisePort port) => _ports?.Remove(port) ?? false;

    /// <summary>Connects the networks of the start, when there is a process in the container's namespace.</summary>
    /// <exception cref="RuntimeFailureException">What failed; nothing has to be undone but by <see cref="Dispose"/>.</exception>
    public void Start(Born born)
    {
        if (surroundings.Networks.Count == 0) return;
        new NetworkLinks(warn).Connect(surroundings.Networks, [], born.Pid);
        if (surroundings.NameServers is { } servers) ServeNames(born.Pid, servers);
        foreach (SuperviseNetwork network in surroundings.Networks) Enter(network);
        ServePorts();
    }

    /// <summary>Connects another network.</summary>
    /// <param name="network">It.</param>
    /// <param name="servers">Name servers of a container that had no networks, for its own name server begins with the first; else null.</param>
    /// <param name="pid">A process in the container's namespace.</param>
    /// <exception cref="RuntimeFailureException">What failed; nothing is connected then.</exception>
    public void Connect(SuperviseNetwork network, List<string>? servers, int pid)
    {
        try
        {
            new NetworkLinks(warn).Connect([network], _connected, pid);
            if (_names is null && servers is not null) ServeNames(pid, servers);
        }
        catch (Exception e) when (e is LinuxException or RuntimeFailureException)
        {
            NetworkLinks.Disconnect(network, _connected, pid);
            throw;
        }

        Enter(network);
        ServePorts();
    }

    /// <summary>Disconnects a network; ports and the default routes go over to those that stay.</summary>
    public void Disconnect(SuperviseNetwork network, int pid)
    {
        NetworkLinks.Disconnect(network, _connected.FindAll(one => one.Name != network.Name), pid);
        Leave(network);
        ServePorts();
    }

    /// <summary>The others know it by another name from now on.</summary>
    public void Rename(string from, string to)
    {
        foreach (SuperviseNetwork network in _connected)
        {
            network.Names = [.. network.Names.Select(name => name == from ? to : name)];
            Publish(network);
        }
    }

    public void Dispose()
    {
        _ports?.Dispose();
        foreach (SuperviseNetwork network in _connected.ToArray()) Leave(network);
        _names?.Dispose();
        _ports = null;
        _names = null;
    }

    /// <summary>After a supervisor was killed.</summary>
    /// <param name="surroundings">With the networks that it was connected to at last.</param>
    /// <param name="ports">What it had published at last.</param>
    public static void Withdraw(SuperviseConfig surroundings, IReadOnlyList<SupervisePort> ports)
    {
        foreach (SuperviseNetwork network in surroundings.Networks)
        {
            PortRules.Remove(ports.Select(port => (port, (IReadOnlyList<IPAddress>)Addresses(network))));
            if (network.NamesDirectory is { } directory) NameRecord.Withdraw(directory, surroundings.Id);
        }
    }

    private void ServeNames(int pid, List<string> servers)
    {
        int inside = LibC.Open($"/proc/{pid}/ns/net", LibC.O_RDONLY);
        try
        {
            _names = new DnsServer(Loop, [.. servers.Select(IPAddress.Parse)], inside, surroundings.ServesNames);
        }
        finally
        {
            LibC.Close(ref inside);
        }
    }

    private void Enter(SuperviseNetwork network)
    {
        _connected.Add(network);
        if (network.NamesDirectory is not { } directory) return;
        Publish(network);
        _names?.Resolver.Add(network.Name, directory);
    }

    private void Leave(SuperviseNetwork network)
    {
        _connected.RemoveAll(one => one.Name == network.Name);
        if (network.NamesDirectory is not { } directory) return;
        NameRecord.Withdraw(directory, surroundings.Id);
        _names?.Resolver.Remove(directory);
    }

    /// <summary>Ports lead to the network with the way out, for answers to strangers leave by it; else to one that this machine reaches.</summary>
    private static SuperviseNetwork? Ported(List<SuperviseNetwork> networks) =>
        WayOut.Of(networks).Select(way => way.Network).FirstOrDefault(IsBridge) ?? networks.Find(IsBridge) ?? networks.FirstOrDefault();

    private static bool IsBridge(SuperviseNetwork network) => network.Driver == "bridge";

    private void ServePorts()
    {
        if (_ports is null) return;
        if (Ported(_connected) is not { } network)
        {
            _ported = null;
            return;
        }

        IPAddress[] addresses = Addresses(network);
        List<WayOut> ways = IsBridge(network) ? WayOut.Of(_connected).FindAll(way => way.Network == network) : [];
        var target = new PortTarget(addresses, [.. addresses.Where(address => ways.Exists(way => way.Family == address.AddressFamily))]);
        if (_ported is { } now && now.Addresses.SequenceEqual(target.Addresses) && now.Translated.SequenceEqual(target.Translated)) return;
        _ported = target;
        _ports.Serve(target);
    }

    private static IPAddress[] Addresses(SuperviseNetwork network) =>
        [.. network.Addresses.Select(a => IPAddress.Parse(a.AsSpan(0, a.IndexOf('/', StringComparison.Ordinal))))];

    private void Publish(SuperviseNetwork network)
    {
        if (network.NamesDirectory is not { } directory) return;
        new NameRecord(_pid, ProcStat.StartTime(_pid) ?? 0, [.. network.Names], Addresses(network)).Publish(directory, surroundings.Id);
    }
}
