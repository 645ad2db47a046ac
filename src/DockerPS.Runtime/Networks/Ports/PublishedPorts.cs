using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>
/// The host's ports of a container: held from before its first process is born, and served by relays of ours as soon as it has an address.
/// </summary>
internal sealed class PublishedPorts(EventLoop loop) : IDisposable
{
    private readonly List<(SupervisePort Port, int Descriptor)> _held = [];
    private readonly List<IDisposable> _relays = [];

    /// <summary>Takes a port of the host; a free one is written into <paramref name="port"/>.</summary>
    /// <exception cref="RuntimeFailureException">It is taken, or the address is none of this machine.</exception>
    public void Hold(SupervisePort port)
    {
        string address = port.HostAddress ?? "0.0.0.0";
        try
        {
            int descriptor = Bind(IPAddress.Parse(address), port);
            if (port.HostPort == 0) port.HostPort = LibC.PortOf(descriptor);
            _held.Add((port, descriptor));
            if (port.HostAddress is null) HoldSixToo(port);
        }
        catch (LinuxException e)
        {
            string protocol = port.Udp ? "udp" : "tcp";
            string where = string.Create(CultureInfo.InvariantCulture, $"{address}:{port.HostPort}/{protocol}");
            throw new RuntimeFailureException(RuntimeStages.Network, $"The port {where} of this machine cannot be published: {e.Message}", e.Call, e.Number);
        }
    }

    /// <summary>Serves what is held.</summary>
    /// <param name="addresses">The container's, in its first network that has any.</param>
    public void Serve(IReadOnlyList<IPAddress> addresses)
    {
        if (_held.Count == 0 || addresses.Count == 0) return;
        // Each connection takes two descriptors.
        OpenFiles.Raise();
        var pipes = new PipePool();
        foreach ((SupervisePort port, int descriptor) in _held)
        {
            var target = new IPEndPoint(addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0], port.Port);
            _relays.Add(port.Udp ? new DatagramRelay(loop, descriptor, target) : new StreamRelay(loop, descriptor, target, pipes));
        }
    }

    public void Dispose()
    {
        foreach (IDisposable relay in _relays) relay.Dispose();
        if (_relays.Count == 0)
        {
            foreach ((_, int descriptor) in _held) _ = LibC.close(descriptor);
        }

        _relays.Clear();
        _held.Clear();
    }

    private void HoldSixToo(SupervisePort port)
    {
        try
        {
            _held.Add((port, Bind(IPAddress.IPv6Any, port)));
        }
        catch (LinuxException e) when (e.Number is not Errno.EADDRINUSE)
        {
            // A machine without version 6.
        }
    }

    private static int Bind(IPAddress address, SupervisePort port) => LibC.BindInternet(new IPEndPoint(address, port.HostPort), port.Udp);
}
