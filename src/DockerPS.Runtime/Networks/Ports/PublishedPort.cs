using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>One port of the host, held by sockets of ours: nobody else gets it, and what the kernel does not translate comes to them.</summary>
internal sealed class PublishedPort : IDisposable
{
    /// <summary>So many numbers are tried when any will do.</summary>
    private const int MostNumbers = 64;

    private readonly EventLoop _loop;
    private readonly List<int> _held = [];
    private readonly List<IDisposable> _relays = [];
    private IReadOnlyList<IPAddress> _translated = [];

    /// <summary>Takes a port of the host; one that was chosen is written into <paramref name="port"/>.</summary>
    /// <exception cref="RuntimeFailureException">It is taken, or the address is none of this machine.</exception>
    public PublishedPort(EventLoop loop, SupervisePort port)
    {
        (_loop, Port) = (loop, port);
        string address = port.HostAddress ?? "0.0.0.0";
        try
        {
            Hold(IPAddress.Parse(address));
        }
        catch (LinuxException e)
        {
            Dispose();
            string where = string.Create(CultureInfo.InvariantCulture, $"{address}:{port.HostPort}{(port.HostPortEnd > 0 ? $"-{port.HostPortEnd}" : "")}/{(port.Udp ? "udp" : "tcp")}");
            throw new RuntimeFailureException(RuntimeStages.Network, $"The port {where} of this machine cannot be published: {e.Message}", e.Call, e.Number);
        }
    }

    public SupervisePort Port { get; }

    /// <summary>Serves, or serves from now on another address of the container.</summary>
    public void Serve(PortTarget target, PipePool pipes, ConnectionLimit limit)
    {
        Forget();
        _translated = target.Translated.Count > 0 && PortRules.Set(Port, target.Translated) ? target.Translated : [];
        var relayed = new IPEndPoint(target.Addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? target.Addresses[0], Port.Port);
        if (_relays.Count == 0)
        {
            foreach (int descriptor in _held) _relays.Add(Port.Udp ? new DatagramRelay(_loop, descriptor, relayed) : new StreamRelay(_loop, descriptor, relayed, pipes, limit));
            _held.Clear();
            return;
        }

        foreach (IDisposable relay in _relays)
        {
            if (relay is StreamRelay stream) stream.Target = relayed;
            else ((DatagramRelay)relay).Target = relayed;
        }
    }

    /// <summary>Ends the translation of these, before they are free for others.</summary>
    public static void Forget(IReadOnlyList<PublishedPort> ports)
    {
        PortRules.Remove(ports.Where(port => port._translated.Count > 0).Select(port => (port.Port, port._translated)));
        foreach (PublishedPort port in ports) port._translated = [];
    }

    public void Dispose()
    {
        Forget();
        foreach (IDisposable relay in _relays) relay.Dispose();
        foreach (int descriptor in _held) _ = LibC.close(descriptor);
        _relays.Clear();
        _held.Clear();
    }

    private void Forget() => Forget([this]);

    /// <summary>Takes the number, the first of a range that is free, or any; free is what nobody has with either version of IP.</summary>
    private void Hold(IPAddress address)
    {
        int first = Port.HostPort, tries = first == 0 ? MostNumbers : Math.Max(1, Port.HostPortEnd - first + 1);
        List<int> unfit = [];
        try
        {
            for (int i = 1; !TryHold(address, first == 0 ? 0 : first + i - 1, last: i == tries); i++)
            {
                // Kept until the end: the kernel, asked for any number, gives another one then.
                unfit.AddRange(_held);
                _held.Clear();
            }

            Port.HostPortEnd = 0;
        }
        finally
        {
            foreach (int descriptor in unfit) _ = LibC.close(descriptor);
        }
    }

    /// <summary>False when the number is taken, but an error when it was the last one.</summary>
    private bool TryHold(IPAddress address, int number, bool last)
    {
        try
        {
            _held.Add(Bind(address, number));
            int given = LibC.PortOf(_held[0]);
            if (Port.HostAddress is null) HoldSixToo(given);
            Port.HostPort = given;
            return true;
        }
        catch (LinuxException e) when (!last && e.Number == Errno.EADDRINUSE)
        {
            return false;
        }
    }

    private void HoldSixToo(int number)
    {
        try
        {
            _held.Add(Bind(IPAddress.IPv6Any, number));
        }
        catch (LinuxException e) when (e.Number is not Errno.EADDRINUSE)
        {
            // A machine without version 6.
        }
    }

    private int Bind(IPAddress address, int number) => LibC.BindInternet(new IPEndPoint(address, number), Port.Udp);
}

/// <summary>Where published ports lead.</summary>
/// <param name="Addresses">The container's, in one network; at least one.</param>
/// <param name="Translated">Those of them whose default route leads through this network's bridge, so that answers to strangers come back this way.</param>
internal sealed record PortTarget(IReadOnlyList<IPAddress> Addresses, IReadOnlyList<IPAddress> Translated);
