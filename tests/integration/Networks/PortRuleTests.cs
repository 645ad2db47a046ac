using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DockerPS.Engine;
using DockerPS.Linux.Netfilter;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>
/// Published ports in the kernel's own translation: who is translated and who is relayed, what others do to rules, and ports that come and go
/// while the container runs.
/// </summary>
[Collection("Networks")]
public sealed class PortRuleTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    private const string Foreign = "dockerps-test-foreign";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_kernel_translates_what_comes_to_an_address_of_the_machine_and_loopback_is_relayed(bool six)
    {
        NeedRules();
        ContainerNetwork network = fixture.Network(r => r with { IPv6 = six }), other = fixture.Network(r => r with { IPv6 = six });
        await fixture.RunAsync(other.Name);
        Container container = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse("0:80") });
        using TcpListener server = Serve(container, six ? IPAddress.IPv6Any : IPAddress.Any);
        IPAddress machine = other.Subnets[^1].Gateway!, gateway = network.Subnets[^1].Gateway!;
        // Translated, a connection keeps its client's address; relayed, it comes from the machine's nearest one.
        Assert.Equal(machine, await PeerAsync(server, machine, container.Ports[0].HostPort));
        if (!six) Assert.Equal(gateway, await PeerAsync(server, IPAddress.Loopback, container.Ports[0].HostPort));
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
        Assert.DoesNotContain(container.Ports[0].HostPort.ToString(CultureInfo.InvariantCulture), Map("ports4") + Map("ports6"));
    }

    [Fact]
    public async Task A_port_of_one_address_is_translated_there_alone()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network(), other = fixture.Network();
        await fixture.RunAsync(other.Name);
        IPAddress machine = other.Subnets[0].Gateway!;
        Container container = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse($"{machine}:0:80") });
        using TcpListener server = Serve(container, IPAddress.Any);
        int port = container.Ports[0].HostPort;
        Assert.Equal(machine, await PeerAsync(server, machine, port));
        // Of the protocol nft has the name where /etc/protocols has it.
        Assert.Matches($@"{machine} \. (tcp|6) \. {port} ", Map("addressports4"));
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(network.Subnets[0].Gateway!, port));
    }

    [Fact]
    public async Task Datagrams_of_a_client_find_the_next_container_of_the_port()
    {
        NeedRules();
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 8), "SKIPPED: kernels before 6.8 forget no flows by a filter.");
        ContainerNetwork network = fixture.Network(), other = fixture.Network();
        await fixture.RunAsync(other.Name);
        IPAddress machine = other.Subnets[0].Gateway!;
        Container first = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse("0:5300/udp") });
        int port = first.Ports[0].HostPort;
        using var client = new UdpClient();
        client.Connect(machine, port);
        Assert.Equal(machine, await DatagramPeerAsync(first, client));
        await fixture.Engine.RemoveContainerAsync(first.Id, force: true, CancellationToken.None);
        await fixture.RunAsync(network.Name);
        Container second = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse($"{port}:5300/udp") });
        Assert.Equal(machine, await DatagramPeerAsync(second, client));
    }

    [Fact]
    public async Task Rules_that_somebody_flushed_are_there_again_after_the_next_start()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network(), other = fixture.Network();
        await fixture.RunAsync(other.Name);
        await fixture.RunAsync(network.Name);
        NftablesLibrary.Run("delete table inet dockerps\n");
        Container container = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse("0:80") });
        using TcpListener server = Serve(container, IPAddress.Any);
        Assert.Contains(network.Interface, NftablesLibrary.Run("list set inet dockerps bridges\n"));
        Assert.Equal(other.Subnets[0].Gateway, await PeerAsync(server, other.Subnets[0].Gateway!, container.Ports[0].HostPort));
    }

    [Fact]
    public async Task Where_another_firewall_drops_what_is_forwarded_the_relay_serves_and_a_warning_names_its_chain()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network(), other = fixture.Network();
        await fixture.RunAsync(other.Name);
        NftablesLibrary.Run($"add table ip {Foreign}\nadd chain ip {Foreign} FORWARD {{ type filter hook forward priority filter; policy drop; }}\n");
        try
        {
            Container container = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse("0:80") });
            using TcpListener server = Serve(container, IPAddress.Any);
            Assert.Equal(network.Subnets[0].Gateway, await PeerAsync(server, other.Subnets[0].Gateway!, container.Ports[0].HostPort));
            Assert.Contains(fixture.Containers.Warnings, w => w.Contains($"ip {Foreign} FORWARD", StringComparison.Ordinal));
        }
        finally
        {
            NftablesLibrary.Run($"delete table ip {Foreign}\n");
        }
    }

    [Fact]
    public async Task Ports_come_and_go_while_the_container_runs_and_stay_for_the_next_start()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name);
        int port = FreePort();
        using (TcpListener server = Serve(container, IPAddress.Any))
        {
            Container published = await ChangeAsync(container, $"{port}:80", null);
            Assert.Equal(port, Assert.Single(published.Ports).HostPort);
            Assert.Equal(network.Subnets[0].Gateway, await PeerAsync(server, IPAddress.Loopback, port));
            // Once more is no error and no second one.
            Assert.Single((await ChangeAsync(container, $"{port}:80", null)).Ports);
        }

        await fixture.Engine.RestartContainerAsync(container.Id, TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(port, Assert.Single(fixture.Engine.GetContainer(container.Id).Ports).HostPort);
        Assert.Empty((await ChangeAsync(container, null, "80")).Ports);
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(IPAddress.Loopback, port));
        Assert.Equal("PortNotPublished", (await Assert.ThrowsAsync<DockerNotFoundException>(() => ChangeAsync(container, null, "80"))).ErrorId);
    }

    [Fact]
    public async Task Of_several_ports_all_are_published_or_none()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse("0:70") });
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        int free = FreePort(), port = ((IPEndPoint)taken.LocalEndpoint).Port;
        ContainerPort[] wanted = [.. ContainerPort.Parse($"{free}:80"), .. ContainerPort.Parse($"{port}:80")];
        Assert.Equal("PortTaken", (await Assert.ThrowsAsync<ContainerRuntimeException>(() =>
            fixture.Engine.ChangePortsAsync(container.Id, wanted, container.Ports, CancellationToken.None))).ErrorId);
        Assert.Equal(container.Ports, fixture.Engine.GetContainer(container.Id).Ports);
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(IPAddress.Loopback, free));
        int own = container.Ports[0].HostPort;
        Assert.Contains($"'{container.Name}' publishes it", (await Assert.ThrowsAsync<ContainerRuntimeException>(() => ChangeAsync(container, $"{own}:81", null))).Message);
        // What is taken back is the free port that was taken, not all that lead to the same.
        await Assert.ThrowsAsync<ContainerRuntimeException>(() => fixture.Engine.ChangePortsAsync(
            container.Id, [.. ContainerPort.Parse("0:70"), .. ContainerPort.Parse($"{port}:80")], [], CancellationToken.None));
        Assert.Equal(container.Ports, fixture.Engine.GetContainer(container.Id).Ports);
        Container alone = await fixture.RunAsync("none");
        Assert.Equal("NotConnected", (await Assert.ThrowsAsync<DockerInvalidStateException>(() => ChangeAsync(alone, "0:80", null))).ErrorId);
    }

    [Fact]
    public async Task Ports_follow_the_container_to_another_network()
    {
        NeedRules();
        ContainerNetwork one = fixture.Network(), two = fixture.Network(), other = fixture.Network();
        await fixture.RunAsync(other.Name);
        Container container = await fixture.RunAsync(one.Name, change: s => s with { Ports = ContainerPort.Parse("0:80") });
        await fixture.Engine.ConnectNetworkAsync(two.Name, container.Id, new NetworkConnection(), CancellationToken.None);
        await fixture.Engine.DisconnectNetworkAsync(one.Name, container.Id, CancellationToken.None);
        using TcpListener server = Serve(container, IPAddress.Any);
        Assert.Equal(two.Subnets[0].Gateway, await PeerAsync(server, IPAddress.Loopback, container.Ports[0].HostPort));
    }

    [Fact]
    public async Task After_a_killed_supervisor_its_rules_go_with_the_next_call()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network(), first = fixture.Network();
        Container container = await fixture.RunAsync(first.Name, change: s => s with { Ports = ContainerPort.Parse("0:80") });
        await fixture.Engine.ConnectNetworkAsync(network.Name, container.Id, new NetworkConnection(), CancellationToken.None);
        await fixture.Engine.DisconnectNetworkAsync(first.Name, container.Id, CancellationToken.None);
        string names = Path.Join(fixture.Containers.Root, "run", "names", network.Id);
        Assert.NotEmpty(Directory.GetFiles(names));
        string port = container.Ports[0].HostPort.ToString(CultureInfo.InvariantCulture);
        Assert.Contains(port, Map("ports4"));
        await fixture.Containers.KillSupervisorAsync(container.Id);
        Assert.Equal(ContainerState.Exited, fixture.Engine.GetContainer(container.Id).State);
        Assert.DoesNotContain(port, Map("ports4"));
        Assert.Empty(Directory.GetFiles(names));
    }

    [Fact]
    public async Task A_container_that_serves_names_has_the_port_to_itself()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network();
        Container other = await fixture.RunAsync(network.Name, change: s => s with { Name = "neighbour" });
        Container container = await fixture.RunAsync(network.Name, change: s => s with { ExposedPorts = ["53/udp"] });
        using UdpClient server = NetworkFixture.Inside(container, () => new UdpClient(new IPEndPoint(IPAddress.Any, 53)));
        string answer = (await fixture.InAsync(container, "busybox nslookup neighbour 127.0.0.11")).Out;
        Assert.Contains(fixture.AddressOf(other, network.Name), answer);
        Assert.Equal(0, server.Available);
    }

    [Fact]
    public async Task What_a_killed_removal_left_goes_with_the_next_session()
    {
        ContainerNetwork network = fixture.Network();
        await fixture.RunAsync(network.Name);
        foreach (ContainerNetworkAttachment one in fixture.Engine.GetNetworks(new NetworkFilter { Names = [network.Name] })[0].Containers)
            await fixture.Engine.RemoveContainerAsync(one.ContainerId, force: true, CancellationToken.None);
        string link = "/sys/class/net/" + network.Interface, notes = Path.Join(fixture.Containers.Root, "removed-networks");
        // As far as a process comes that is killed when its transaction has just been committed.
        Directory.CreateDirectory(notes);
        File.WriteAllText(Path.Join(notes, network.Id), $$"""{"name":"{{network.Name}}","driver":"bridge","link":"{{network.Interface}}","macAddress":"","interface":""}""");
        fixture.Containers.Open().GetNetworkNames();
        Assert.True(Directory.Exists(link), "The network is still there, and so is its bridge.");
        fixture.Containers.Execute($"DELETE FROM networks WHERE id = '{network.Id}'");
        using ContainerEngine next = fixture.Containers.Open();
        next.GetNetworkNames();
        Assert.False(Directory.Exists(link));
        Assert.Empty(Directory.EnumerateFiles(notes));
    }

    private Task<Container> ChangeAsync(Container container, string? publish, string? unpublish) => fixture.Engine.ChangePortsAsync(
        container.Id, publish is null ? [] : ContainerPort.Parse(publish), unpublish is null ? [] : ContainerPort.Parse(unpublish), CancellationToken.None);

    private static void NeedRules() =>
        Assert.SkipUnless(NftablesLibrary.IsPresent, "SKIPPED: the rules of networks are made with Debian's package libnftables1.");

    private static string Map(string name) => NftablesLibrary.Run($"list map inet dockerps {name}\n");

    private static TcpListener Serve(Container container, IPAddress address) => NetworkFixture.Inside(container, () =>
    {
        var listener = new TcpListener(address, 80);
        listener.Start();
        return listener;
    });

    private static async Task<IPAddress> PeerAsync(TcpListener server, IPAddress address, int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using Socket client = await ConnectAsync(address, port);
        using Socket accepted = await server.AcceptSocketAsync(limit.Token);
        return ((IPEndPoint)accepted.RemoteEndPoint!).Address;
    }

    private static async Task<IPAddress> DatagramPeerAsync(Container container, UdpClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using UdpClient server = NetworkFixture.Inside(container, () => new UdpClient(new IPEndPoint(IPAddress.Any, 5300)));
        await client.SendAsync(new byte[] { 1 }, limit.Token);
        return (await server.ReceiveAsync(limit.Token)).RemoteEndPoint.Address;
    }

    private static async Task<Socket> ConnectAsync(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
