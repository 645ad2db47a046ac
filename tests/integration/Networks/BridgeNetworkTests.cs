using DockerPS.Engine;
using DockerPS.Integration.Containers;
using DockerPS.Linux.Netfilter;
using DockerPS.Linux.Netlink;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>Containers on bridges: they reach each other, not those of other networks, and nothing is left of them.</summary>
[Collection("Networks")]
public sealed class BridgeNetworkTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task Containers_of_one_network_reach_each_other()
    {
        ContainerNetwork network = fixture.Network(r => r with { IPv6 = true });
        Container server = await fixture.RunAsync(network.Name, NetworkFixture.Serve), client = await fixture.RunAsync(network.Name);
        Assert.Equal("served\n", await AskAsync(client, fixture.AddressOf(server, network.Name)));
        string six = fixture.Engine.GetNetworks(new NetworkFilter { Names = [network.Name] })[0].Containers.Single(c => c.ContainerId == server.Id).IPv6Address!.ToString();
        Assert.Equal("served\n", await AskAsync(client, six));
        Assert.Contains(fixture.AddressOf(client, network.Name), (await fixture.InAsync(client, "cat /etc/hosts")).Out);
    }

    [Fact]
    public async Task Networks_are_apart_until_a_container_is_connected()
    {
        Assert.SkipUnless(NftablesLibrary.IsPresent, "SKIPPED: libnftables is not installed (Debian's package libnftables1).");
        ContainerNetwork one = fixture.Network(), other = fixture.Network();
        Container server = await fixture.RunAsync(one.Name, NetworkFixture.Serve), client = await fixture.RunAsync(other.Name);
        string address = fixture.AddressOf(server, one.Name);
        Assert.Equal("", await AskAsync(client, address));
        await fixture.Engine.ConnectNetworkAsync(one.Name, client.Id, new NetworkConnection(), CancellationToken.None);
        Assert.Equal("served\n", await AskAsync(client, address));
        await fixture.Engine.DisconnectNetworkAsync(one.Name, client.Id, CancellationToken.None);
        Assert.Equal("", await AskAsync(client, address));
    }

    [Fact]
    public async Task Networks_that_are_not_isolated_reach_each_other()
    {
        Assert.SkipUnless(NftablesLibrary.IsPresent, "SKIPPED: libnftables is not installed (Debian's package libnftables1).");
        var open = new Dictionary<string, string> { ["isolate"] = "false" };
        ContainerNetwork one = fixture.Network(r => r with { Options = open }), other = fixture.Network(r => r with { Options = open });
        Container server = await fixture.RunAsync(one.Name, NetworkFixture.Serve), client = await fixture.RunAsync(other.Name);
        Assert.Equal("served\n", await AskAsync(client, fixture.AddressOf(server, one.Name)));
    }

    [Fact]
    public async Task An_internal_network_has_no_way_out()
    {
        ContainerNetwork network = fixture.Network(r => r with { Internal = true });
        Container container = await fixture.RunAsync(network.Name);
        Assert.DoesNotContain("default", (await fixture.InAsync(container, "busybox ip route")).Out);
        Assert.Contains("scope link", (await fixture.InAsync(container, "busybox ip route")).Out);
    }

    [Fact]
    public async Task A_container_has_the_addresses_that_were_asked_for()
    {
        ContainerNetwork network = fixture.Network(r => r with { Subnets = ["10.201.7.0/24"] });
        Container container = await fixture.RunAsync(
            network.Name, change: spec => spec with { IPAddresses = ["10.201.7.77"], MacAddress = "02:42:00:00:00:77" });
        string links = (await fixture.InAsync(container, "busybox ip addr show eth0")).Out;
        Assert.Contains("10.201.7.77/24", links);
        Assert.Contains("02:42:00:00:00:77", links);
        DockerException taken = await Assert.ThrowsAnyAsync<DockerException>(
            () => fixture.RunAsync(network.Name, change: spec => spec with { IPAddresses = ["10.201.7.77"], Name = "second" }));
        Assert.Equal("AddressTaken", taken.ErrorId);
        Assert.DoesNotContain(fixture.Engine.GetContainers(new ContainerFilter { All = true }), c => c.Name == "second");
    }

    [Fact]
    public async Task What_is_in_use_stays_and_what_is_removed_leaves_nothing()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name);
        Assert.Equal("NetworkInUse", Assert.Throws<DockerConflictException>(() => fixture.Engine.RemoveNetwork(network.Name)).ErrorId);
        using RouteSocket routes = RouteSocket.Open();
        int bridge = routes.Find(network.Interface)!.Value.Index;
        Assert.Single(routes.Links(), link => link.Master == bridge);
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
        await Eventually(() => !routes.Links().Exists(link => link.Master == bridge));
        fixture.Engine.RemoveNetwork(network.Name);
        Assert.Null(routes.Find(network.Interface));
        if (NftablesLibrary.IsPresent) Assert.DoesNotContain(network.Interface, NftablesLibrary.Run("list table inet dockerps\n"));
        Assert.Equal("NetworkNotFound", Assert.Throws<DockerNotFoundException>(() => fixture.Engine.GetNetworks(new NetworkFilter { Names = [network.Name] })).ErrorId);
    }

    [Fact]
    public async Task A_restart_keeps_the_address_and_a_removal_frees_it()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name);
        string address = fixture.AddressOf(container, network.Name);
        for (int i = 0; i < 2; i++)
        {
            await fixture.Engine.StopContainerAsync(container.Id, TimeSpan.Zero, null, CancellationToken.None);
            await fixture.Engine.StartContainerAsync(container.Id, CancellationToken.None);
            Assert.Contains(address + "/", (await fixture.InAsync(container, "busybox ip addr show eth0")).Out);
        }

        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
        Container next = await fixture.RunAsync(network.Name);
        Assert.Equal(address, fixture.AddressOf(next, network.Name));
    }

    [Fact]
    public async Task Many_containers_at_once_get_an_address_each()
    {
        ContainerNetwork network = fixture.Network();
        Container[] containers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => fixture.RunAsync(network.Name))));
        Assert.Equal(12, containers.Select(c => fixture.AddressOf(c, network.Name)).Distinct().Count());
    }

    [Theory]
    [InlineData("nothing", "NetworkNotFound")]
    [InlineData("bridge,host", "InvalidNetwork")]
    public async Task A_network_that_cannot_be_is_refused_before_anything_is_made(string network, string error)
    {
        DockerException refused = await Assert.ThrowsAnyAsync<DockerException>(() => fixture.RunAsync(network, change: spec => spec with { Name = "refused" }));
        Assert.Equal(error, refused.ErrorId);
        Assert.DoesNotContain(fixture.Engine.GetContainers(new ContainerFilter { All = true }), c => c.Name == "refused");
    }

    private async Task<string> AskAsync(Container client, string address) =>
        (await fixture.InAsync(client, $"busybox nc -w 1 {address} 8000 </dev/null || busybox nc -w 1 {address} 8000 </dev/null")).Out;

    private static async Task Eventually(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition()) await Task.Delay(20, limit.Token);
    }
}
