using System.Net;
using System.Net.Sockets;
using System.Text;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>
/// A host of ours outside of this machine: a network namespace behind a cable, which knows no way to containers. It tells each who connects from where
/// the connection comes.
/// </summary>
internal sealed class OutsideHost : IDisposable
{
    public const string Address = "198.51.100.2", MachinesAddress = "198.51.100.1", Address6 = "2001:db8:51::2", MachinesAddress6 = "2001:db8:51::1";
    private const string Forwarding6 = "/proc/sys/net/ipv6/conf/all/forwarding";

    private readonly string _forwarding6 = File.Exists(Forwarding6) ? File.ReadAllText(Forwarding6) : "";
    private readonly string _name = "dpsout" + Guid.NewGuid().ToString("N")[..6];
    private readonly TcpListener _listener;
    private int _namespace;

    public OutsideHost()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "SKIPPED: network namespaces need Linux and root.");
        _namespace = OwnNetwork.Another();
        try
        {
            using RouteSocket outer = RouteSocket.Open(), inner = RouteSocket.Open(_namespace);
            outer.AddVeth(new NewLink(_name) { Up = true }, new NewLink("eth0") { Namespace = _namespace });
            Give(outer, _name, MachinesAddress, MachinesAddress6);
            Give(inner, "eth0", Address, Address6);
            inner.SetUp(1);
            _listener = NetworkNamespace.Open(_namespace, () =>
            {
                var listener = new TcpListener(IPAddress.IPv6Any, 0);
                listener.Server.DualMode = true;
                listener.Start();
                return listener;
            });
            _ = ServeAsync();
        }
        catch
        {
            Unmake();
            throw;
        }
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Stop();
        Unmake();
    }

    private void Unmake()
    {
        using (RouteSocket outer = RouteSocket.Open())
        {
            if (outer.Find(_name) is { } link) outer.Delete(link.Index);
        }

        LibC.Close(ref _namespace);
        if (_forwarding6.Length > 0) File.WriteAllText(Forwarding6, _forwarding6);
    }

    private static void Give(RouteSocket routes, string name, string four, string six)
    {
        int index = routes.Find(name)!.Value.Index;
        routes.SetUp(index);
        routes.AddAddress(index, IPAddress.Parse(four), 24);
        routes.AddAddress(index, IPAddress.Parse(six), 64);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await TellAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task TellAsync(TcpClient client)
    {
        try
        {
            IPAddress peer = ((IPEndPoint)client.Client.RemoteEndPoint!).Address;
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes((peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer) + "\n"));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Who only tried the port is gone.
        }
    }
}
