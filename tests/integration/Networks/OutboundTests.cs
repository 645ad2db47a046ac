using DockerPS.Engine;
using DockerPS.Linux.Netfilter;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>Containers and what is outside of this machine, against a host of ours in a network namespace.</summary>
[Collection("Networks")]
public sealed class OutboundTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task A_container_reaches_the_outside_by_NAT_in_both_versions()
    {
        NeedRules();
        using var outside = new OutsideHost();
        ContainerNetwork network = fixture.Network(r => r with { IPv6 = true });
        Container container = await fixture.RunAsync(network.Name);
        Assert.Equal(OutsideHost.MachinesAddress + "\n", await AskAsync(container, OutsideHost.Address, outside.Port));
        Assert.Equal(OutsideHost.MachinesAddress6 + "\n", await AskAsync(container, OutsideHost.Address6, outside.Port));
    }

    [Fact]
    public async Task A_container_of_an_internal_network_does_not()
    {
        NeedRules();
        using var outside = new OutsideHost();
        ContainerNetwork network = fixture.Network(r => r with { Internal = true, IPv6 = true });
        Container container = await fixture.RunAsync(network.Name);
        Assert.Equal("", await AskAsync(container, OutsideHost.Address, outside.Port));
        Assert.Equal("", await AskAsync(container, OutsideHost.Address6, outside.Port));
        // Nor with a route that something inside made.
        string gateway = network.Subnets[0].Gateway!.ToString();
        Container free = await fixture.RunAsync(network.Name, change: spec => spec with { CapAdd = ["NET_ADMIN"] });
        Assert.Equal(0, (await fixture.InAsync(free, $"busybox ip route add default via {gateway}")).ExitCode);
        Assert.Equal("", await AskAsync(free, OutsideHost.Address, outside.Port));
    }

    [Fact]
    public async Task The_way_out_goes_over_to_the_network_that_stays()
    {
        NeedRules();
        using var outside = new OutsideHost();
        ContainerNetwork one = fixture.Network(r => r with { IPv6 = true }), closed = fixture.Network(r => r with { Internal = true }), two = fixture.Network(r => r with { IPv6 = true });
        Container container = await fixture.RunAsync(one.Name);
        foreach (ContainerNetwork network in (ContainerNetwork[])[closed, two])
            await fixture.Engine.ConnectNetworkAsync(network.Name, container.Id, new NetworkConnection(), CancellationToken.None);
        Assert.StartsWith($"default via {one.Subnets[0].Gateway} ", await DefaultRouteAsync(container));
        await fixture.Engine.DisconnectNetworkAsync(one.Name, container.Id, CancellationToken.None);
        Assert.StartsWith($"default via {two.Subnets[0].Gateway} ", await DefaultRouteAsync(container));
        Assert.Equal(OutsideHost.MachinesAddress + "\n", await AskAsync(container, OutsideHost.Address, outside.Port));
        Assert.Equal(OutsideHost.MachinesAddress6 + "\n", await AskAsync(container, OutsideHost.Address6, outside.Port));
        await fixture.Engine.DisconnectNetworkAsync(two.Name, container.Id, CancellationToken.None);
        Assert.Equal("", await DefaultRouteAsync(container));
    }

    [Fact]
    public async Task A_container_without_networks_gets_a_way_out_and_names_with_its_first()
    {
        NeedRules();
        using var outside = new OutsideHost();
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync("none"), other = await fixture.RunAsync(network.Name);
        await fixture.Engine.ConnectNetworkAsync(network.Name, container.Id, new NetworkConnection(), CancellationToken.None);
        Assert.Equal(OutsideHost.MachinesAddress + "\n", await AskAsync(container, OutsideHost.Address, outside.Port));
        Assert.Contains(fixture.AddressOf(other, network.Name), (await fixture.InAsync(container, $"busybox nslookup {other.Name}")).Out);
    }

    [Fact]
    public async Task Two_networks_do_not_reach_each_other_though_both_reach_the_outside()
    {
        NeedRules();
        using var outside = new OutsideHost();
        ContainerNetwork one = fixture.Network(), other = fixture.Network();
        Container server = await fixture.RunAsync(one.Name, NetworkFixture.Serve), client = await fixture.RunAsync(other.Name);
        Assert.Equal("", await AskAsync(client, fixture.AddressOf(server, one.Name), 8000));
        Assert.Equal(OutsideHost.MachinesAddress + "\n", await AskAsync(client, OutsideHost.Address, outside.Port));
        Assert.Equal(OutsideHost.MachinesAddress + "\n", await AskAsync(server, OutsideHost.Address, outside.Port));
    }

    [Fact]
    public async Task Tables_of_others_stay_as_they_were()
    {
        NeedRules();
        string table = "inet dps_test_" + Guid.NewGuid().ToString("N")[..8];
        NftablesLibrary.Run(
            $"add table {table}\nadd set {table} some {{ type ipv4_addr; flags interval; elements = {{ 192.0.2.0/24 }}; }}\n"
            + $"add chain {table} forward {{ type filter hook forward priority 5; policy accept; }}\n"
            + $"add rule {table} forward ip saddr @some ip daddr 203.0.113.7 drop comment \"theirs\"\n");
        try
        {
            string before = NftablesLibrary.Run($"list table {table}\n");
            using var outside = new OutsideHost();
            ContainerNetwork network = fixture.Network(r => r with { IPv6 = true });
            Container container = await fixture.RunAsync(network.Name);
            await fixture.Engine.SetNetworkFaultsAsync(container.Id, new NetworkFaultRequest { Loss = 0.01 }, CancellationToken.None);
            Assert.Equal(OutsideHost.MachinesAddress + "\n", await AskAsync(container, OutsideHost.Address, outside.Port));
            Assert.Equal(before, NftablesLibrary.Run($"list table {table}\n"));
            await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
            fixture.Engine.RemoveNetwork(network.Name);
            Assert.Equal(before, NftablesLibrary.Run($"list table {table}\n"));
        }
        finally
        {
            NftablesLibrary.Run($"delete table {table}\n");
        }
    }

    private static void NeedRules() =>
        Assert.SkipUnless(NftablesLibrary.IsPresent, "SKIPPED: libnftables is not installed (Debian's package libnftables1).");

    private async Task<string> DefaultRouteAsync(Container container) =>
        (await fixture.InAsync(container, "busybox ip route | grep ^default")).Out;

    private async Task<string> AskAsync(Container client, string address, int port) =>
        (await fixture.InAsync(client, $"busybox nc -w 2 {address} {port} </dev/null || busybox nc -w 2 {address} {port} </dev/null")).Out;
}
