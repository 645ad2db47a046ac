using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DockerPS.Engine;
using DockerPS.Linux;
using DockerPS.Linux.Netfilter;
using DockerPS.Linux.Netlink;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>Faults of running containers' networks: what they do, and that they end.</summary>
[Collection("Networks")]
public sealed class FaultTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task A_partition_cuts_one_peer_off_in_both_versions_and_ends_by_itself()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network(r => r with { IPv6 = true });
        Container server = await fixture.RunAsync(network.Name, NetworkFixture.Serve), client = await fixture.RunAsync(network.Name), other = await fixture.RunAsync(network.Name);
        string four = fixture.AddressOf(server, network.Name), six = Six(server, network);
        IReadOnlyList<ContainerNetworkFault> faults = await SetAsync(
            client, new NetworkFaultRequest { Partition = true, Peers = [server.Name], For = TimeSpan.FromSeconds(6) });
        ContainerNetworkFault fault = Assert.Single(faults);
        Assert.Equal((client.Name, network.Name, ContainerNetworkFaultKind.Partition, server.Name), (fault.Container, fault.Network, fault.Kind, fault.Peers[0]));
        Assert.Equal("", await AskOnceAsync(client, four));
        Assert.Equal("", await AskOnceAsync(client, six));
        Assert.Equal("served\n", await AskAsync(other, four));
        Assert.Equal("served\n", await AskAsync(other, six));
        Assert.Single(fixture.Engine.GetContainer(client.Id).Faults);
        await Eventually(() => fixture.Engine.GetContainer(client.Id).Faults.Count == 0);
        Assert.Equal("served\n", await AskAsync(client, four));
        Assert.Equal("served\n", await AskAsync(client, six));
    }

    [Fact]
    public async Task A_partition_of_all_leaves_loopback_and_names()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network();
        Container server = await fixture.RunAsync(network.Name, NetworkFixture.Serve), client = await fixture.RunAsync(network.Name);
        await SetAsync(server, new NetworkFaultRequest { Partition = true });
        Assert.Equal("", await AskOnceAsync(client, fixture.AddressOf(server, network.Name)));
        Assert.Equal("served\n", await AskAsync(server, "127.0.0.1"));
        Assert.Contains(fixture.AddressOf(client, network.Name), (await fixture.InAsync(server, $"busybox nslookup {client.Name} 127.0.0.11")).Out);
        // It is silence: what sends is told nothing.
        using Socket socket = NetworkFixture.Inside(server, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        Assert.Equal(1, socket.SendTo("x"u8, new IPEndPoint(IPAddress.Parse(fixture.AddressOf(client, network.Name)), 9)));
        Assert.Empty(await SetAsync(server, new NetworkFaultRequest { Reset = true }));
        Assert.Equal("served\n", await AskAsync(client, fixture.AddressOf(server, network.Name)));
    }

    [Fact]
    public async Task Half_of_the_packets_is_lost_each_way()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network();
        Container one = await fixture.RunAsync(network.Name), other = await fixture.RunAsync(network.Name);
        await SetAsync(one, new NetworkFaultRequest { Loss = 0.5 });
        // One of a billion runs misses these bounds.
        Assert.InRange(await ArrivedAsync(network, one, other), 130, 270);
        Assert.InRange(await ArrivedAsync(network, other, one), 130, 270);
        await SetAsync(one, new NetworkFaultRequest { Loss = 0 });
        Assert.Equal(400, await ArrivedAsync(network, one, other));
    }

    [Fact]
    public async Task A_rate_holds_both_ways_and_ends()
    {
        ContainerNetwork network = fixture.Network();
        Container one = await fixture.RunAsync(network.Name), other = await fixture.RunAsync(network.Name);
        Assert.True(await TimeAsync(network, one, other) < 0.5);
        // Two megabytes at two megabytes a second.
        await SetAsync(one, new NetworkFaultRequest { Rate = BitRate.Parse("16Mbit") });
        Assert.InRange(await TimeAsync(network, one, other), 0.8, 3);
        Assert.InRange(await TimeAsync(network, other, one), 0.8, 3);
        IReadOnlyList<ContainerNetworkFault> faults = await SetAsync(one, new NetworkFaultRequest { Rate = BitRate.Parse("64Mbit") });
        Assert.Equal("64Mbit", Assert.Single(faults).Value);
        Assert.InRange(await TimeAsync(network, one, other), 0.2, 0.8);
        Assert.Empty(await SetAsync(one, new NetworkFaultRequest { Rate = default(BitRate) }));
        Assert.False(HasQueue(one));
        Assert.True(await TimeAsync(network, other, one) < 0.5);
    }

    [Fact]
    public async Task Latency_is_made_or_refused_with_all_that_came_with_it()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network();
        Container one = await fixture.RunAsync(network.Name), other = await fixture.RunAsync(network.Name);
        await SetAsync(one, new NetworkFaultRequest { Loss = 0.02 });
        var request = new NetworkFaultRequest { Latency = TimeSpan.FromMilliseconds(200), Jitter = TimeSpan.FromMilliseconds(10), Loss = 0.5, Rate = BitRate.Parse("1MB") };
        if (KernelHasNetem())
        {
            Assert.Equal(3, (await SetAsync(one, request)).Count);
            long begun = Stopwatch.GetTimestamp();
            await fixture.InAsync(one, $"busybox nc -w 5 {fixture.AddressOf(other, network.Name)} 8000 </dev/null");
            Assert.True(Stopwatch.GetElapsedTime(begun).TotalMilliseconds > 180);
            return;
        }

        DockerArgumentException refused = await Assert.ThrowsAsync<DockerArgumentException>(() => SetAsync(one, request));
        Assert.Equal("LatencyNotSupported", refused.ErrorId);
        Assert.Contains("sch_netem", refused.Message);
        // What there was before is still there, and nothing else.
        Assert.Equal("2%", Assert.Single(fixture.Engine.GetContainer(one.Id).Faults).Value);
        Assert.False(HasQueue(one));
        string rules = Rules(one);
        Assert.Contains("20000", rules);
        Assert.DoesNotContain("500000", rules);
    }

    [Fact]
    public async Task A_second_call_replaces_what_it_names()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name), peer = await fixture.RunAsync(network.Name);
        await SetAsync(container, new NetworkFaultRequest { Rate = BitRate.Parse("1MB"), Loss = 0.1, For = TimeSpan.FromHours(1) });
        IReadOnlyList<ContainerNetworkFault> faults = await SetAsync(container, new NetworkFaultRequest { Loss = 0.2, Peers = [peer.Name] });
        Assert.Equal(["8.39Mbit", "20%"], faults.Select(f => f.Value));
        Assert.NotNull(faults[0].Until);
        Assert.Null(faults[1].Until);
        faults = await SetAsync(container, new NetworkFaultRequest { Loss = 0, Partition = true });
        Assert.Equal([ContainerNetworkFaultKind.Rate, ContainerNetworkFaultKind.Partition], faults.Select(f => f.Kind));
        faults = await SetAsync(container, new NetworkFaultRequest { Partition = false });
        Assert.Equal(ContainerNetworkFaultKind.Rate, Assert.Single(faults).Kind);
        Assert.DoesNotContain("dockerps-faults", Rules(container));
    }

    [Fact]
    public async Task Faults_end_with_the_connection_and_with_the_run()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network(), second = fixture.Network();
        Container container = await fixture.RunAsync(network.Name + "," + second.Name);
        await SetAsync(container, new NetworkFaultRequest { Loss = 0.1, Rate = BitRate.Parse("1MB") });
        await fixture.Engine.DisconnectNetworkAsync(second.Name, container.Id, CancellationToken.None);
        Assert.All(fixture.Engine.GetContainer(container.Id).Faults, f => Assert.Equal(network.Name, f.Network));
        await fixture.Engine.ConnectNetworkAsync(second.Name, container.Id, new NetworkConnection(), CancellationToken.None);
        Assert.DoesNotContain("eth1", Rules(container));
        await fixture.Engine.RestartContainerAsync(container.Id, TimeSpan.Zero, CancellationToken.None);
        Assert.Empty(fixture.Engine.GetContainer(container.Id).Faults);
        Assert.DoesNotContain("dockerps-faults", Rules(container));
        Assert.False(HasQueue(container));
    }

    [Fact]
    public async Task Nothing_of_this_machine_is_touched_and_many_peers_are_taken()
    {
        NeedRules();
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name);
        string before = NftablesLibrary.Run("list ruleset\n");
        string[] peers = [.. Enumerable.Range(0, 250).Select(i => $"203.0.113.{i}"), "2001:db8::/64"];
        await SetAsync(container, new NetworkFaultRequest { Loss = 1, Partition = true, Peers = peers });
        Assert.Contains("203.0.113.249", Rules(container));
        Assert.Equal(before, NftablesLibrary.Run("list ruleset\n"));
        Assert.Equal(251, fixture.Engine.GetContainer(container.Id).Faults[0].Peers.Count);
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        ContainerNetwork network = fixture.Network(), other = fixture.Network();
        Container container = await fixture.RunAsync(network.Name), elsewhere = await fixture.RunAsync(other.Name);
        var loss = new NetworkFaultRequest { Loss = 0.1 };
        Assert.Equal("NotConnected", await ErrorAsync(container, loss with { Networks = [other.Name] }));
        Assert.Equal("NetworkNotFound", await ErrorAsync(container, loss with { Networks = ["nothing"] }));
        Assert.Equal("PeerNotConnected", await ErrorAsync(container, loss with { Peers = [elsewhere.Name] }));
        Assert.Equal("ContainerNotFound", await ErrorAsync(container, loss with { Peers = ["nobody"] }));
        Assert.Equal("NotConnected", await ErrorAsync(await fixture.RunAsync("none"), loss));
        Assert.Equal("NoNetworkOfItsOwn", await ErrorAsync(await fixture.RunAsync("host"), loss));
        Assert.Equal("NoNetworkOfItsOwn", await ErrorAsync(await fixture.RunAsync("container:" + container.Name), loss));
        await fixture.Engine.StopContainerAsync(elsewhere.Id, TimeSpan.Zero, null, CancellationToken.None);
        Assert.Equal("ContainerNotRunning", await ErrorAsync(elsewhere, loss));
    }

    private static void NeedRules() =>
        Assert.SkipUnless(NftablesLibrary.IsPresent, "SKIPPED: libnftables is not installed (Debian's package libnftables1).");

    private Task<IReadOnlyList<ContainerNetworkFault>> SetAsync(Container container, NetworkFaultRequest request) =>
        fixture.Engine.SetNetworkFaultsAsync(container.Id, request, CancellationToken.None);

    private async Task<string> ErrorAsync(Container container, NetworkFaultRequest request) =>
        (await Assert.ThrowsAnyAsync<DockerException>(() => SetAsync(container, request))).ErrorId;

    private string Six(Container container, ContainerNetwork network) => fixture.Engine.GetNetworks(new NetworkFilter { Names = [network.Name] })[0]
        .Containers.Single(c => c.ContainerId == container.Id).IPv6Address!.ToString();

    /// <summary>The server listens anew after each connection, so one that was refused is tried again.</summary>
    private async Task<string> AskAsync(Container client, string address) =>
        (await fixture.InAsync(client, $"for i in 1 2 3 4 5; do busybox nc -w 1 {address} 8000 </dev/null && exit; sleep 0.2; done")).Out;

    private async Task<string> AskOnceAsync(Container client, string address) =>
        (await fixture.InAsync(client, $"busybox nc -w 1 {address} 8000 </dev/null")).Out;

    /// <summary>Seconds that two megabytes take from one container to another.</summary>
    private async Task<double> TimeAsync(ContainerNetwork network, Container from, Container to)
    {
        byte[] bytes = new byte[2 << 20];
        using TcpListener listener = NetworkFixture.Inside(to, () =>
        {
            var made = new TcpListener(IPAddress.Any, 0);
            made.Start();
            return made;
        });
        using Socket sender = NetworkFixture.Inside(from, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await sender.ConnectAsync(IPAddress.Parse(fixture.AddressOf(to, network.Name)), ((IPEndPoint)listener.LocalEndpoint).Port);
        using Socket receiver = await listener.AcceptSocketAsync();
        long begun = Stopwatch.GetTimestamp();
        Task<int> sending = sender.SendAsync(bytes, SocketFlags.None);
        using var stream = new NetworkStream(receiver);
        await stream.ReadExactlyAsync(bytes);
        await sending;
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>How many of 400 datagrams arrive.</summary>
    private async Task<int> ArrivedAsync(ContainerNetwork network, Container from, Container to)
    {
        using Socket sender = NetworkFixture.Inside(from, Udp), receiver = NetworkFixture.Inside(to, Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Any, 0));
        var target = new IPEndPoint(IPAddress.Parse(fixture.AddressOf(to, network.Name)), ((IPEndPoint)receiver.LocalEndPoint!).Port);
        int arrived = 0;
        byte[] datagram = new byte[1];
        // As many at once as the receiver has room for.
        for (int sent = 1; sent <= 400; sent++)
        {
            await sender.SendToAsync(datagram, target);
            for (; sent % 100 == 0 && receiver.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead); arrived++) receiver.Receive(datagram);
        }

        return arrived;

        static Socket Udp() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    }

    /// <summary>Rules in the container's network namespace.</summary>
    private string Rules(Container container) => NetworkFixture.Inside(fixture.Engine.GetContainer(container.Id), () => NftablesLibrary.Run("list ruleset\n"));

    private bool HasQueue(Container container) => NetworkFixture.Inside(fixture.Engine.GetContainer(container.Id), RouteSocket.Open) is { } routes && UsingQueue(routes);

    private static bool UsingQueue(RouteSocket routes)
    {
        using (routes)
        {
            int index = routes.Find("eth0")!.Value.Index;
            try
            {
                // The place is free exactly when nothing else has it.
                routes.AddRateLimit(index, 0x7777_0000, RouteSocket.Root, 1_000_000, 1500);
                routes.DeleteQueue(index, 0x7777_0000);
                return false;
            }
            catch (LinuxException e) when (e.Number == Errno.EEXIST)
            {
                return true;
            }
        }
    }

    private static bool KernelHasNetem()
    {
        bool has = false;
        OwnNetwork.Run(() =>
        {
            using RouteSocket routes = RouteSocket.Open();
            try
            {
                routes.AddDelay(1, 0x7777_0000, RouteSocket.Root, 1_000_000, 0);
                has = true;
            }
            catch (LinuxException e)
            {
                Assert.Equal(Errno.ENOENT, e.Number);
            }
        });
        return has;
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition()) await Task.Delay(20, limit.Token);
    }
}
