using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>The host's ports of a container: held from before its first process is born, and served as soon as it has an address.</summary>
internal sealed class PublishedPorts(EventLoop loop) : IDisposable
{
    private readonly List<PublishedPort> _ports = [];
    private readonly PipePool _pipes = new();
    private readonly ConnectionLimit _limit = new();
    private PortTarget? _target;

    /// <summary>The ports, with the host's port where a free one was taken.</summary>
    public List<SupervisePort> All => [.. _ports.Select(port => port.Port)];

    /// <summary>Takes a port, and serves it when others are.</summary>
    /// <exception cref="RuntimeFailureException">It is taken, or the address is none of this machine.</exception>
    public void Add(SupervisePort port)
    {
        var published = new PublishedPort(loop, port);
        _ports.Add(published);
        if (_target is not null) published.Serve(_target, _pipes, _limit);
    }

    /// <summary>Gives up those that are meant; false when there is none.</summary>
    public bool Remove(SupervisePort port)
    {
        List<PublishedPort> meant = _ports.FindAll(one => one.Port.Port == port.Port && one.Port.Udp == port.Udp
            && (port.HostPort == 0 || one.Port.HostPort == port.HostPort) && (port.HostAddress is null || one.Port.HostAddress == port.HostAddress));
        foreach (PublishedPort one in meant)
        {
            _ports.Remove(one);
            one.Dispose();
        }

        return meant.Count > 0;
    }

    /// <summary>Serves all, or serves from now on another address of the container.</summary>
    public void Serve(PortTarget target)
    {
        // Each connection takes two descriptors, and pipes while bytes are on their way.
        OpenFiles.Raise();
        _target = target;
        foreach (PublishedPort port in _ports) port.Serve(target, _pipes, _limit);
    }

    public void Dispose()
    {
        PublishedPort.Forget(_ports);
        foreach (PublishedPort port in _ports) port.Dispose();
        _ports.Clear();
    }
}
