using DockerPS.Engine;
using DockerPS.Linux.Netlink;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>Networks on an interface of the machine, whose subnet is theirs too.</summary>
[Collection("Networks")]
public sealed class ParentNetworkTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    private const string Parent = "dpsparent0";

    [Theory]
    [InlineData(ContainerNetworkDriver.Macvlan, null)]
    [InlineData(ContainerNetworkDriver.Macvlan, "private")]
    [InlineData(ContainerNetworkDriver.Ipvlan, null)]
    [InlineData(ContainerNetworkDriver.Ipvlan, "l3")]
    public async Task Containers_on_an_interface_of_the_machine_reach_each_other_as_its_mode_says(ContainerNetworkDriver driver, string? mode)
    {
        using RouteSocket routes = RouteSocket.Open();
        // Both ends are up, so that it has a carrier.
        routes.AddVeth(new NewLink(Parent), new NewLink(Parent + "p"));
        routes.SetUp(routes.Find(Parent + "p")!.Value.Index);
        int index = routes.Find(Parent)!.Value.Index;
        try
        {
            routes.SetUp(index);
            routes.AddAddress(index, System.Net.IPAddress.Parse("198.51.100.1"), 24);
            var options = new Dictionary<string, string> { ["parent"] = Parent };
            if (mode is not null) options["mode"] = mode;
            ContainerNetwork network = fixture.Network(r => r with { Driver = driver, Subnets = ["198.51.100.0/24"], Options = options });
            Container server;
            try
            {
                server = await fixture.RunAsync(network.Name, NetworkFixture.Serve, s => s with { Name = "parented" });
            }
            catch (ContainerRuntimeException e) when (e.ErrorId == "NetworkNotSupported")
            {
                Assert.Skip($"SKIPPED: this kernel has no {driver}.");
                return;
            }

            Container client = await fixture.RunAsync(network.Name);
            // The server may not listen yet; and where nobody is to be reached nothing ever answers.
            string ask = mode == "private" ? "busybox nc -w 1 parented 8000 </dev/null" : "i=0; until busybox nc -w 1 parented 8000 </dev/null || [ $i = 50 ]; do i=$((i+1)); sleep 0.1; done";
            Assert.Equal(mode == "private" ? "" : "served\n", (await fixture.InAsync(client, ask)).Out);
        }
        finally
        {
            foreach (Container container in fixture.Engine.GetContainers(new ContainerFilter { All = true }))
                await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
            foreach (ContainerNetwork network in fixture.Engine.GetNetworks(new NetworkFilter { Dangling = true })) fixture.Engine.RemoveNetwork(network.Name);
            routes.Delete(index);
        }
    }

    [Fact]
    public void A_network_on_no_interface_is_refused()
    {
        DockerArgumentException refused = Assert.Throws<DockerArgumentException>(() => fixture.Network(r => r with { Driver = ContainerNetworkDriver.Ipvlan }));
        Assert.Equal("InvalidNetworkOption", refused.ErrorId);
        Assert.Contains("parent=", refused.Message);
    }
}
