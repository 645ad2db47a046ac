using System.Net;
using DockerPS.Engine;
using DockerPS.Engine.Networks;
using DockerPS.Oci.Bundle;
using Xunit;

namespace DockerPS.Units.Networks;

/// <summary>What a network is made of.</summary>
public sealed class NetworkPlanTests
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static readonly (string, IPNetwork)[] Networks = [("front", IPNetwork.Parse("172.17.0.0/16"))];
    private static readonly IPNetwork[] Host = [IPNetwork.Parse("192.0.2.0/24")];

    [Fact]
    public void Without_a_subnet_it_gets_a_free_one_with_the_first_address_as_gateway()
    {
        SubnetDefinition subnet = Assert.Single(Plan(new NetworkRequest { Name = "back" }).Subnets);
        Assert.Equal(("172.18.0.0/16", "172.18.0.1"), (subnet.Subnet, subnet.Gateway));
    }

    [Fact]
    public void Version_6_gets_a_subnet_of_the_networks_own()
    {
        IReadOnlyList<SubnetDefinition> subnets = Plan(new NetworkRequest { Name = "back", IPv6 = true }).Subnets;
        Assert.Equal(["172.18.0.0/16", "fd01:2345:6789:abcd::/64"], subnets.Select(s => s.Subnet));
        Assert.Equal("fd01:2345:6789:abcd::1", subnets[1].Gateway);
    }

    [Fact]
    public void Subnet_gateway_and_range_are_matched_by_version()
    {
        IReadOnlyList<SubnetDefinition> subnets = Plan(new NetworkRequest
        {
            Name = "back", Subnets = ["10.5.0.0/16", "fd05::/64"], Gateways = ["fd05::ff", "10.5.9.9"], Ranges = ["10.5.128.0/17"],
        }).Subnets;
        Assert.Equal(new SubnetDefinition("10.5.0.0/16", "10.5.9.9", "10.5.128.0/17"), subnets[0]);
        Assert.Equal(new SubnetDefinition("fd05::/64", "fd05::ff", null), subnets[1]);
    }

    [Theory]
    [InlineData("10.0.0.1/24", "InvalidSubnet")]
    [InlineData("10.0.0.0", "InvalidSubnet")]
    [InlineData("10.0.0.0/31", "InvalidSubnet")]
    [InlineData("10.0.0.0/4", "InvalidSubnet")]
    [InlineData("172.17.3.0/24", "SubnetOverlaps")]
    [InlineData("192.0.0.0/16", "SubnetOverlaps")]
    public void A_subnet_that_cannot_be_is_refused(string subnet, string error) =>
        Assert.Equal(error, Assert.ThrowsAny<DockerException>(() => Plan(new NetworkRequest { Name = "back", Subnets = [subnet] })).ErrorId);

    [Theory]
    [InlineData("10.6.0.1", null, "InvalidGateway")]
    [InlineData("nonsense", null, "InvalidGateway")]
    [InlineData(null, "10.6.0.0/24", "InvalidIPRange")]
    [InlineData(null, "10.0.0.0/8", "InvalidIPRange")]
    public void Gateway_and_range_lie_in_the_subnet(string? gateway, string? range, string error)
    {
        var request = new NetworkRequest
        {
            Name = "back", Subnets = ["10.5.0.0/16"], Gateways = gateway is null ? [] : [gateway], Ranges = range is null ? [] : [range],
        };
        Assert.Equal(error, Assert.Throws<DockerArgumentException>(() => Plan(request)).ErrorId);
    }

    [Theory]
    [InlineData(ContainerNetworkDriver.Bridge, "mtu", "1400", true)]
    [InlineData(ContainerNetworkDriver.Bridge, "mtu", "10", false)]
    [InlineData(ContainerNetworkDriver.Bridge, "isolate", "false", true)]
    [InlineData(ContainerNetworkDriver.Bridge, "parent", "eth0", false)]
    [InlineData(ContainerNetworkDriver.Macvlan, "parent", "eth0", true)]
    [InlineData(ContainerNetworkDriver.Macvlan, "vlan", "4095", false)]
    [InlineData(ContainerNetworkDriver.Macvlan, "mode", "bridge", true)]
    [InlineData(ContainerNetworkDriver.Ipvlan, "mode", "l3", true)]
    [InlineData(ContainerNetworkDriver.Ipvlan, "mode", "vepa", false)]
    [InlineData(ContainerNetworkDriver.Bridge, "colour", "red", false)]
    public void Options_belong_to_drivers(ContainerNetworkDriver driver, string key, string value, bool good)
    {
        var options = new Dictionary<string, string> { [key] = value };
        if (driver != ContainerNetworkDriver.Bridge) options["parent"] = "eth0";
        var request = new NetworkRequest { Name = "back", Driver = driver, Options = options };
        if (good) Assert.Equal(value, Plan(request).Options[key]);
        else Assert.Equal("InvalidNetworkOption", Assert.Throws<DockerArgumentException>(() => Plan(request)).ErrorId);
    }

    [Fact]
    public void An_internal_network_has_no_way_out()
    {
        var inner = new NetworkRow { Id = Id, Name = "inner", Created = default, Definition = Plan(new NetworkRequest { Name = "inner", Internal = true }) };
        var outer = new NetworkRow { Id = Id, Name = "outer", Created = default, Definition = Plan(new NetworkRequest { Name = "outer", Subnets = ["10.5.0.0/24"] }) };
        SuperviseNetwork[] links = [AttachmentPlan.Of(inner, Attachment(inner, 0), "/run/x"), AttachmentPlan.Of(outer, Attachment(outer, 1), "/run/x")];
        Assert.Empty(links[0].Gateways);
        Assert.Equal(["10.5.0.1"], links[1].Gateways);
        Assert.Equal(("eth0", "eth1"), (links[0].Interface, links[1].Interface));
        Assert.All(links, link => Assert.InRange(link.HostInterface.Length, 1, 15));
    }

    [Theory]
    [InlineData("10.5.0.7", null)]
    [InlineData("10.5.0.1", "InvalidIPAddress")]
    [InlineData("10.5.0.255", "InvalidIPAddress")]
    [InlineData("10.6.0.7", "InvalidIPAddress")]
    [InlineData("fd00::7", "InvalidIPAddress")]
    [InlineData("10.5.0.9", "AddressTaken")]
    public void An_address_that_is_asked_for_must_be_free(string address, string? error)
    {
        var network = new NetworkRow { Id = Id, Name = "outer", Created = default, Definition = Plan(new NetworkRequest { Name = "outer", Subnets = ["10.5.0.0/24"] }) };
        var connection = new NetworkConnection { Addresses = [address] };
        AttachmentRow Make() => AttachmentPlan.Row(network, Id, connection, new HashSet<string> { "10.5.0.9" });
        if (error is null) Assert.Equal([address], Make().Addresses);
        else Assert.Equal(error, Assert.ThrowsAny<DockerException>(Make).ErrorId);
    }

    private static AttachmentRow Attachment(NetworkRow network, int position) =>
        AttachmentPlan.Row(network, Id, new NetworkConnection(), new HashSet<string>()) with { Position = position };

    private static NetworkDefinition Plan(NetworkRequest request) => NetworkPlan.Of(request, Id, Networks, Host);
}
