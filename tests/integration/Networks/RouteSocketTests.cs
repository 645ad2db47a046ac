using System.Net;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>rtnetlink, in network namespaces of the tests' own.</summary>
public sealed class RouteSocketTests
{
    [Fact]
    public void A_cable_between_a_bridge_and_another_namespace_is_made_at_once() => OwnNetwork.Run(() =>
    {
        int inside = OwnNetwork.Another();
        try
        {
            using RouteSocket outer = RouteSocket.Open(), inner = RouteSocket.Open(inside);
            outer.AddBridge(new NewLink("br0") { Up = true, Mtu = 1400 });
            Link bridge = outer.Find("br0")!.Value;
            Assert.Equal("bridge", bridge.Kind);
            byte[] address = [0x02, 0x42, 1, 2, 3, 4];
            outer.AddVeth(
                new NewLink("host0") { Master = bridge.Index, Up = true, Mtu = 1400 },
                new NewLink("eth0") { Namespace = inside, Address = address, Mtu = 1400 });
            Link host = outer.Find("host0")!.Value, guest = inner.Find("eth0")!.Value;
            Assert.Equal(("veth", bridge.Index), (host.Kind, host.Master));
            Assert.Equal("veth", guest.Kind);

            inner.SetUp(guest.Index);
            outer.AddAddress(bridge.Index, IPAddress.Parse("10.9.8.1"), 24);
            inner.AddAddress(guest.Index, IPAddress.Parse("10.9.8.2"), 24);
            inner.AddAddress(guest.Index, IPAddress.Parse("fd09::2"), 64);
            inner.AddRoute(null, IPAddress.Parse("10.9.8.1"), guest.Index);
            inner.AddRoute(null, IPAddress.Parse("fd09::1"), guest.Index);
            Assert.Contains(IPNetwork.Parse("10.9.8.0/24"), outer.Destinations());
            Assert.Equal(2, inner.GlobalAddresses(guest.Index).Count);

            outer.Delete(host.Index);
            Assert.Null(outer.Find("host0"));
            Assert.Null(inner.Find("eth0"));
        }
        finally
        {
            LibC.Close(ref inside);
        }
    });

    [Fact]
    public void An_address_that_is_given_twice_is_well_given() => OwnNetwork.Run(() =>
    {
        using RouteSocket routes = RouteSocket.Open();
        routes.AddBridge(new NewLink("br0"));
        int index = routes.Find("br0")!.Value.Index;
        for (int i = 0; i < 2; i++) routes.AddAddress(index, IPAddress.Parse("10.9.8.1"), 24);
        Assert.Single(routes.GlobalAddresses(index));
    });

    [Theory]
    [InlineData("macvlan")]
    [InlineData("vlan")]
    [InlineData("ipvlan")]
    public void An_interface_stands_on_its_parent(string kind) => OwnNetwork.Run(() =>
    {
        using RouteSocket routes = RouteSocket.Open();
        routes.AddBridge(new NewLink("parent0"));
        int parent = routes.Find("parent0")!.Value.Index;
        try
        {
            if (kind == "vlan") routes.AddVlan(new NewLink("upon0"), parent, 17);
            else if (kind == "ipvlan") routes.AddIpvlan(new NewLink("upon0"), parent, IpvlanMode.L2);
            else routes.AddMacvlan(new NewLink("upon0"), parent, MacvlanMode.Bridge);
        }
        catch (LinuxException e) when (e.Number == Errno.EOPNOTSUPP)
        {
            Assert.Skip($"SKIPPED: this kernel has no {kind}.");
        }

        Assert.Equal(kind, routes.Find("upon0")!.Value.Kind);
    });

    [Fact]
    public void What_the_kernel_refuses_has_its_reason() => OwnNetwork.Run(() =>
    {
        using RouteSocket routes = RouteSocket.Open();
        routes.AddBridge(new NewLink("br0"));
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => routes.AddBridge(new NewLink("br0"))).Number);
        LinuxException refused = Assert.Throws<LinuxException>(() => routes.AddRoute(null, IPAddress.Parse("10.9.8.1"), routes.Find("br0")!.Value.Index));
        Assert.Contains("add route default", refused.Message);
        Assert.Null(routes.Find("nothing0"));
    });

    [Fact]
    public void A_queue_is_made_once_and_removed_by_its_name() => OwnNetwork.Run(() =>
    {
        using RouteSocket routes = RouteSocket.Open();
        routes.AddRateLimit(1, 0x1234_0000, RouteSocket.Root, 5_000_000_000, 1500);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => routes.AddRateLimit(1, 0x4321_0000, RouteSocket.Root, 1000, 1500)).Number);
        routes.DeleteQueue(1, 0x4321_0000);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => routes.AddRateLimit(1, 0x4321_0000, RouteSocket.Root, 1000, 1500)).Number);
        for (int i = 0; i < 2; i++) routes.DeleteQueue(1, 0x1234_0000);
        routes.AddRateLimit(1, 0x4321_0000, RouteSocket.Root, 1, 9000);
    });

    [Fact]
    public void The_way_to_an_address_is_looked_up() => OwnNetwork.Run(() =>
    {
        using RouteSocket routes = RouteSocket.Open();
        routes.AddBridge(new NewLink("br0") { Up = true });
        int index = routes.Find("br0")!.Value.Index;
        routes.AddAddress(index, IPAddress.Parse("10.9.8.1"), 24);
        routes.AddAddress(index, IPAddress.Parse("fd09::1"), 64);
        Assert.Equal(new Route(index, null), routes.Lookup(IPAddress.Parse("10.9.8.7")));
        Assert.Null(routes.Lookup(IPAddress.Parse("192.0.2.1")));
        Assert.Null(routes.Lookup(IPAddress.Parse("2001:db8::1")));
        routes.AddRoute(null, IPAddress.Parse("10.9.8.2"), index);
        Assert.Equal(new Route(index, IPAddress.Parse("10.9.8.2")), routes.Lookup(IPAddress.Parse("192.0.2.1")));
        routes.DeleteDefaultRoute(six: false);
        Assert.Null(routes.Lookup(IPAddress.Parse("192.0.2.1")));
        Assert.True(routes.Find("br0")!.Value.Up);
        routes.SetDown(index);
        Assert.False(routes.Find("br0")!.Value.Up);
    });
}
