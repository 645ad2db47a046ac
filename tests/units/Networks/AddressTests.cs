using System.Net;
using DockerPS.Engine.Networks;
using Xunit;

namespace DockerPS.Units.Networks;

/// <summary>Subnets as numbers, pools, leases, and what the host has routes to.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.128/25", true)]
    [InlineData("10.0.0.128/25", "10.0.0.0/24", true)]
    [InlineData("10.0.0.0/24", "10.0.1.0/24", false)]
    [InlineData("fd00::/64", "fd00::1:0/112", true)]
    [InlineData("fd00::/64", "fd00:0:0:1::/64", false)]
    [InlineData("0.0.0.0/0", "::/0", false)]
    public void Subnets_overlap_or_do_not(string one, string other, bool overlap) =>
        Assert.Equal(overlap, new AddressRange(IPNetwork.Parse(one)).Overlaps(new AddressRange(IPNetwork.Parse(other))));

    [Fact]
    public void The_pools_skip_what_is_taken_and_end()
    {
        Assert.Equal("172.17.0.0/16", AddressPools.Free([])?.ToString());
        Assert.Equal("172.19.0.0/16", AddressPools.Free([IPNetwork.Parse("172.17.5.0/24"), IPNetwork.Parse("172.18.0.0/16")])?.ToString());
        Assert.Equal("192.168.16.0/20", AddressPools.Free([IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.1.0/24")])?.ToString());
        Assert.Null(AddressPools.Free([IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("10.0.0.0/8")]));
    }

    [Fact]
    public void A_lease_is_the_lowest_free_address_of_the_range()
    {
        var subnet = new ContainerNetworkSubnet(IPNetwork.Parse("10.0.0.0/29"), IPAddress.Parse("10.0.0.1"), null);
        var taken = new HashSet<string>();
        List<string> given = [];
        while (AddressLease.Lowest(subnet, taken) is { } free)
        {
            given.Add(free.ToString());
            taken.Add(free.ToString());
        }

        Assert.Equal(["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"], given);
        taken.Remove("10.0.0.4");
        Assert.Equal("10.0.0.4", AddressLease.Lowest(subnet, taken)?.ToString());
        ContainerNetworkSubnet part = subnet with { Range = IPNetwork.Parse("10.0.0.4/30") };
        Assert.Equal("10.0.0.4", AddressLease.Lowest(part, new HashSet<string>())?.ToString());
    }

    [Fact]
    public void Routes_of_the_host_are_read()
    {
        Assert.Equal("192.0.2.0/24", HostRoutes.Version4("eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0")?.ToString());
        Assert.Null(HostRoutes.Version4("eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0"));
        Assert.Null(HostRoutes.Version4("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"));
        const string Nothing = "00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0";
        Assert.Equal("fd00::/64", HostRoutes.Version6("fd000000000000000000000000000000 40 " + Nothing)?.ToString());
        Assert.Null(HostRoutes.Version6("fe800000000000000000000000000000 40 " + Nothing));
    }

    [Theory]
    [InlineData("02:42:0A:1:0:7", "02:42:0a:01:00:07")]
    [InlineData("02-42-0a-01-00-07", "02:42:0a:01:00:07")]
    [InlineData("01:00:5e:00:00:01", null)]
    [InlineData("00:00:00:00:00:00", null)]
    [InlineData("02:42:0a:01:00", null)]
    [InlineData("02:42:0a:01:00:zz", null)]
    public void A_hardware_address_is_read_or_refused(string text, string? expected)
    {
        if (expected is not null) Assert.Equal(expected, MacAddress.Parse(text));
        else Assert.Equal("InvalidMacAddress", Assert.Throws<DockerArgumentException>(() => MacAddress.Parse(text)).ErrorId);
    }

    [Theory]
    [InlineData("10.1.0.2", true)]
    [InlineData("fd00::2", true)]
    [InlineData("1234", false)]
    [InlineData("0x7f.1", false)]
    [InlineData("10.1", false)]
    [InlineData("web", false)]
    public void Ids_and_names_are_no_addresses(string text, bool address) => Assert.Equal(address, AddressText.IsAddress(text));
}
