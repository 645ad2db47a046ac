using System.Net;
using System.Net.Sockets;
using DockerPS.Engine;
using DockerPS.Integration.Containers;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>The name server of containers: names, aliases and addresses of the others in their networks, as they come and go.</summary>
[Collection("Networks")]
public sealed class NameTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task Names_ids_and_aliases_are_found_in_both_versions_and_in_reverse()
    {
        ContainerNetwork network = fixture.Network(r => r with { IPv6 = true });
        Container other = await fixture.RunAsync(network.Name, change: s => s with { Name = "found", NetworkAliases = ["Nick"] });
        Container asker = await fixture.RunAsync(network.Name);
        string address = fixture.AddressOf(other, network.Name);
        foreach (string name in (string[])["found", "FOUND", "nick", other.ShortId, "found." + network.Name])
            Assert.Contains(address, await LookUpAsync(asker, name));
        Assert.Contains(fixture.Engine.GetNetworks(new NetworkFilter { Names = [network.Name] })[0].Containers.Single(c => c.ContainerId == other.Id).IPv6Address!.ToString(), await LookUpAsync(asker, "found"));
        Assert.Contains("found." + network.Name, await LookUpAsync(asker, address));
    }

    [Fact]
    public async Task Names_appear_change_and_go()
    {
        ContainerNetwork network = fixture.Network();
        Container asker = await fixture.RunAsync(network.Name);
        Assert.DoesNotContain("Address", await AnswerAsync(asker, "comes"));
        Container other = await fixture.RunAsync(network.Name, change: s => s with { Name = "comes" });
        Assert.Contains(fixture.AddressOf(other, network.Name), await LookUpAsync(asker, "comes"));
        fixture.Engine.RenameContainer(other.Id, "renamed");
        Assert.Contains(fixture.AddressOf(other, network.Name), await LookUpAsync(asker, "renamed"));
        Assert.DoesNotContain(fixture.AddressOf(other, network.Name), await LookUpAsync(asker, "comes"));
        await fixture.Engine.RemoveContainerAsync(other.Id, force: true, CancellationToken.None);
        Assert.DoesNotContain(fixture.Engine.GetNetworks(new NetworkFilter { Names = [network.Name] })[0].Subnets[0].Subnet.BaseAddress.ToString()[..^1], await AnswerAsync(asker, "renamed"));
    }

    [Fact]
    public async Task Only_networks_of_ones_own_are_known()
    {
        ContainerNetwork one = fixture.Network(), other = fixture.Network();
        Container hidden = await fixture.RunAsync(one.Name, change: s => s with { Name = "hidden" });
        Container asker = await fixture.RunAsync(other.Name);
        string address = fixture.AddressOf(hidden, one.Name);
        Assert.DoesNotContain(address, await LookUpAsync(asker, "hidden"));
        await fixture.Engine.ConnectNetworkAsync(one.Name, asker.Id, new NetworkConnection { Aliases = ["visitor"] }, CancellationToken.None);
        Assert.Contains(address, await LookUpAsync(asker, "hidden"));
        Assert.Contains(fixture.AddressOf(asker, one.Name), await LookUpAsync(hidden, "visitor"));
        await fixture.Engine.DisconnectNetworkAsync(one.Name, asker.Id, CancellationToken.None);
        Assert.DoesNotContain(address, await LookUpAsync(asker, "hidden"));
    }

    [Fact]
    public async Task An_alias_of_several_has_all_their_addresses()
    {
        ContainerNetwork network = fixture.Network();
        Container[] servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => fixture.RunAsync(network.Name, change: s => s with { NetworkAliases = ["all"] })));
        Container asker = await fixture.RunAsync(network.Name);
        string answer = await LookUpAsync(asker, "all");
        Assert.All(servers, server => Assert.Contains(fixture.AddressOf(server, network.Name), answer));
    }

    [Fact]
    public async Task Hosts_and_resolver_are_as_asked_for()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name, change: s => s with
        {
            ExtraHosts = ["db:10.1.2.3", "machine:host-gateway"], DnsSearch = ["example.org"], DnsOptions = ["timeout:1"], Dns = ["127.0.0.9"],
        });
        string files = (await fixture.InAsync(container, "cat /etc/hosts /etc/resolv.conf")).Out;
        Assert.Contains("10.1.2.3\tdb\n", files);
        Assert.Contains(network.Subnets[0].Gateway + "\tmachine\n", files);
        Assert.Contains("nameserver 127.0.0.11\nsearch example.org\noptions timeout:1 ndots:0\n", files);
    }

    [Fact]
    public async Task Other_names_are_asked_of_the_next_server_that_answers()
    {
        // The first refuses, the second says nothing, the third answers.
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Parse("127.53.0.2"), 53));
        using var answering = new UdpClient(new IPEndPoint(IPAddress.Parse("127.53.0.3"), 53));
        using var stop = new CancellationTokenSource();
        Task serving = ServeAsync(answering, stop.Token);
        ContainerNetwork network = fixture.Network();
        Container asker = await fixture.RunAsync(network.Name, change: s => s with { Dns = ["127.53.0.1", "127.53.0.2", "127.53.0.3"] });
        Assert.Contains("192.0.2.55", await LookUpAsync(asker, "outside.example"));
        await stop.CancelAsync();
        await serving;
    }

    private static async Task ServeAsync(UdpClient server, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                UdpReceiveResult query = await server.ReceiveAsync(cancellationToken);
                bool address = query.Buffer[^3] == 1;
                byte[] answer =
                [
                    .. query.Buffer, .. address ? (byte[])[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 55] : [],
                ];
                answer[2] |= 0x80;
                answer[7] = address ? (byte)1 : (byte)0;
                await server.SendAsync(answer, query.RemoteEndPoint, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    /// <summary>What busybox's nslookup prints about a name, once there is an answer.</summary>
    private async Task<string> LookUpAsync(Container asker, string name) => await AnswerAsync(asker, name);

    private async Task<string> AnswerAsync(Container asker, string name) => (await fixture.InAsync(asker, $"busybox nslookup {name} 127.0.0.11 2>&1 | busybox tail -n +3")).Out;
}
