using System.Net;
using System.Net.Sockets;
using DockerPS.Engine;
using DockerPS.Linux.Netfilter;
using DockerPS.Linux.Netlink;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>Tests of networks say which part is broken: each is broken in turn.</summary>
[Collection("Networks")]
public sealed class ReachTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task All_is_well()
    {
        (Container from, Container to, ContainerNetwork network) = await PairAsync(NetworkFixture.Serve);
        await ListenAsync(to, 8000);
        IReadOnlyList<ContainerNetworkCheck> checks = await TestAsync(from, to.Name, 8000);
        Assert.Equal(Enum.GetValues<ContainerNetworkCheckKind>(), checks.Select(c => c.Check));
        Assert.All(checks, check => Assert.True(check.Passed, check.Message));
        Assert.All(checks, check => Assert.Equal((from.Name, to.Name, network.Name), (check.From, check.To, check.Network)));
        // By its id, an alias and its address it is the same, and an address has no name.
        Assert.All(await TestAsync(from, to.ShortId, 8000), check => Assert.True(check.Passed, check.Message));
        Assert.All(await TestAsync(from, "nick", 8000), check => Assert.True(check.Passed, check.Message));
        checks = await TestAsync(from, fixture.AddressOf(to, network.Name), 8000);
        Assert.All(checks, check => Assert.True(check.Passed, check.Message));
        Assert.DoesNotContain(checks, check => check.Check == ContainerNetworkCheckKind.Name);
    }

    [Fact]
    public async Task An_interface_that_is_down_or_gone_is_the_link()
    {
        (Container from, Container to, _) = await PairAsync();
        Change(to, routes => routes.SetDown(Eth0(routes)));
        Assert.Contains("down", Broken(await TestAsync(from, to.Name), ContainerNetworkCheckKind.Link));
        Change(to, routes => routes.Delete(Eth0(routes)));
        Assert.Contains("lost its interface eth0", Broken(await TestAsync(from, to.Name), ContainerNetworkCheckKind.Link));
    }

    [Fact]
    public async Task A_cable_that_is_unplugged_from_the_bridge_is_the_link()
    {
        (Container from, Container to, ContainerNetwork network) = await PairAsync();
        using RouteSocket routes = RouteSocket.Open();
        int bridge = routes.Find(network.Interface)!.Value.Index;
        Link end = routes.Links().First(l => l.Master == bridge);
        routes.SetMaster(end.Index, 0);
        Assert.Contains(end.Name, Broken(await TestAsync(from, to.Name), ContainerNetworkCheckKind.Link));
        routes.SetMaster(end.Index, bridge);
        Assert.All(await TestAsync(from, to.Name), check => Assert.True(check.Passed, check.Message));
    }

    [Fact]
    public async Task An_address_that_was_removed_is_told()
    {
        (Container from, Container to, ContainerNetwork network) = await PairAsync();
        Change(from, routes => routes.Delete(Eth0(routes), routes.GlobalAddresses(Eth0(routes))[0]));
        IReadOnlyList<ContainerNetworkCheck> checks = await TestAsync(from, to.Name);
        Assert.Contains(fixture.AddressOf(from, network.Name), Broken(checks, ContainerNetworkCheckKind.Address));
        Assert.True(Of(checks, ContainerNetworkCheckKind.Link).Passed);
    }

    [Fact]
    public async Task A_way_out_that_is_gone_is_the_route()
    {
        (Container from, _, _) = await PairAsync();
        using var outside = new OutsideHost();
        if (NftablesLibrary.IsPresent) Assert.All(await TestAsync(from, OutsideHost.Address, outside.Port), check => Assert.True(check.Passed, check.Message));
        Change(from, routes => routes.DeleteDefaultRoute(six: false));
        IReadOnlyList<ContainerNetworkCheck> checks = await TestAsync(from, OutsideHost.Address, outside.Port);
        Assert.Contains("default route", Broken(checks, ContainerNetworkCheckKind.Route));
        Assert.True(Of(checks, ContainerNetworkCheckKind.Link).Passed);
        ContainerNetwork closed = fixture.Network(r => r with { Internal = true });
        Container inside = await fixture.RunAsync(closed.Name);
        Assert.Contains("internal", Broken(await TestAsync(inside, OutsideHost.Address, outside.Port), ContainerNetworkCheckKind.Route));
    }

    [Fact]
    public async Task A_name_that_nobody_tells_is_the_name()
    {
        (Container from, Container to, ContainerNetwork network) = await PairAsync(NetworkFixture.Serve);
        await ListenAsync(to, 8000);
        foreach (string file in Directory.GetFiles(Path.Join(fixture.Containers.Root, "run", "names", network.Id), to.Id[..12] + "*")) File.Delete(file);
        IReadOnlyList<ContainerNetworkCheck> checks = await TestAsync(from, to.Name, 8000);
        Assert.Contains(to.Name, Broken(checks, ContainerNetworkCheckKind.Name));
        Assert.Single(checks, check => !check.Passed);
        Assert.Contains("nowhere.invalid", Broken(await TestAsync(from, "nowhere.invalid", 8000), ContainerNetworkCheckKind.Name));
    }

    [Fact]
    public async Task A_port_says_why_it_is_not_reached()
    {
        (Container from, Container to, _) = await PairAsync();
        using TcpListener open = Listen(to, IPAddress.Any), own = Listen(to, IPAddress.Loopback), six = Listen(to, IPAddress.IPv6Any);
        string refused = Broken(await TestAsync(from, to.Name, 8000), ContainerNetworkCheckKind.Port);
        Assert.Contains("no program", refused);
        Assert.Contains(Port(open).ToString(System.Globalization.CultureInfo.InvariantCulture), refused);
        Assert.Contains("only on its loopback address", Broken(await TestAsync(from, to.Name, Port(own)), ContainerNetworkCheckKind.Port));
        Assert.Contains("for IPv6 alone", Broken(await TestAsync(from, to.Name, Port(six)), ContainerNetworkCheckKind.Port));
        IReadOnlyList<ContainerNetworkCheck> udp = await fixture.Engine.TestNetworkAsync(
            new NetworkTestRequest { From = from.Name, To = to.Name, Port = 8000, Udp = true }, CancellationToken.None);
        Assert.Contains("refused", Broken(udp, ContainerNetworkCheckKind.Port));
    }

    [Fact]
    public async Task A_partition_is_named()
    {
        Assert.SkipUnless(NftablesLibrary.IsPresent, "SKIPPED: libnftables is not installed (Debian's package libnftables1).");
        (Container from, Container to, _) = await PairAsync(NetworkFixture.Serve);
        await fixture.Engine.SetNetworkFaultsAsync(to.Id, new NetworkFaultRequest { Partition = true }, CancellationToken.None);
        IReadOnlyList<ContainerNetworkCheck> checks = await fixture.Engine.TestNetworkAsync(
            new NetworkTestRequest { From = from.Name, To = to.Name, Port = 8000, Timeout = TimeSpan.FromMilliseconds(300) }, CancellationToken.None);
        string told = Broken(checks, ContainerNetworkCheckKind.Port);
        Assert.Contains("no answer within 0.3 s", told);
        Assert.Contains($"Set-ContainerNetwork {to.Name} -Reset", told);
        Assert.Single(checks, check => !check.Passed);
    }

    [Fact]
    public async Task What_is_not_connected_or_does_not_run_is_told_by_the_link()
    {
        ContainerNetwork one = fixture.Network(), other = fixture.Network();
        Container from = await fixture.RunAsync(one.Name), to = await fixture.RunAsync(other.Name), alone = await fixture.RunAsync("none");
        Assert.Contains($"Connect-ContainerNetwork {one.Name} {to.Name}", Broken(await TestAsync(from, to.Name, 80), ContainerNetworkCheckKind.Link));
        Assert.Contains("no network", Broken(await TestAsync(from, alone.Name), ContainerNetworkCheckKind.Link));
        Assert.Contains("no network", Broken(await TestAsync(alone, from.Name), ContainerNetworkCheckKind.Link));
        await fixture.Engine.StopContainerAsync(to.Id, TimeSpan.Zero, null, CancellationToken.None);
        Assert.Contains("Start-Container", Broken(await TestAsync(from, to.Name), ContainerNetworkCheckKind.Link));
        Assert.Contains("Start-Container", Broken(await TestAsync(to, from.Name), ContainerNetworkCheckKind.Link));
        DockerException missing = await Assert.ThrowsAnyAsync<DockerException>(
            () => fixture.Engine.TestNetworkAsync(new NetworkTestRequest { From = "nobody", To = from.Name }, CancellationToken.None));
        Assert.Equal("ContainerNotFound", missing.ErrorId);
    }

    [Fact]
    public async Task This_machine_and_shared_networks_are_reached_as_what_they_are()
    {
        (Container from, Container to, _) = await PairAsync(NetworkFixture.Serve);
        await ListenAsync(to, 8000);
        Container joined = await fixture.RunAsync("container:" + to.Name), machine = await fixture.RunAsync("host");
        Assert.All(await TestAsync(from, joined.Name, 8000), check => Assert.True(check.Passed, check.Message));
        Assert.All(await TestAsync(joined, from.Name), check => Assert.True(check.Passed, check.Message));
        Assert.All(await TestAsync(from, machine.Name), check => Assert.True(check.Passed, check.Message));
    }

    private async Task<(Container From, Container To, ContainerNetwork Network)> PairAsync(string script = "sleep 1000")
    {
        ContainerNetwork network = fixture.Network();
        Container to = await fixture.RunAsync(network.Name, script, spec => spec with { NetworkAliases = ["nick"] });
        return (await fixture.RunAsync(network.Name), to, network);
    }

    private Task<IReadOnlyList<ContainerNetworkCheck>> TestAsync(Container from, string to, int port = 0) =>
        fixture.Engine.TestNetworkAsync(new NetworkTestRequest { From = from.Name, To = to, Port = port }, CancellationToken.None);

    private TcpListener Listen(Container container, IPAddress address) => NetworkFixture.Inside(container, () =>
    {
        var listener = new TcpListener(address, 0);
        listener.Start();
        return listener;
    });

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Waits until a program inside has the port.</summary>
    private async Task ListenAsync(Container container, int port) => Assert.Equal(
        0, (await fixture.InAsync(container, $"for i in 1 2 3 4 5 6 7 8 9 10; do busybox netstat -ltn | grep -q :{port} && exit 0; sleep 0.1; done; exit 1")).ExitCode);

    private static ContainerNetworkCheck Of(IReadOnlyList<ContainerNetworkCheck> checks, ContainerNetworkCheckKind kind) => checks.Single(c => c.Check == kind);

    private static string Broken(IReadOnlyList<ContainerNetworkCheck> checks, ContainerNetworkCheckKind kind)
    {
        ContainerNetworkCheck check = Of(checks, kind);
        Assert.False(check.Passed, check.Message);
        return check.Message;
    }

    private static int Eth0(RouteSocket routes) => routes.Find("eth0")!.Value.Index;

    /// <summary>Changes something in a container's network namespace.</summary>
    private void Change(Container container, Action<RouteSocket> change)
    {
        using RouteSocket routes = NetworkFixture.Inside(container, RouteSocket.Open);
        change(routes);
    }
}
