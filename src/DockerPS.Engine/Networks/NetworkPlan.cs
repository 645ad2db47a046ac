using System.Net;
using System.Net.Sockets;

namespace DockerPS.Engine.Networks;

/// <summary>Makes a network's definition of what was asked and of the subnets that are taken; a pure function.</summary>
internal static class NetworkPlan
{
    /// <param name="request">What was asked.</param>
    /// <param name="id">Id of the new network.</param>
    /// <param name="networks">Subnets of the other networks.</param>
    /// <param name="host">Subnets that the host has routes to.</param>
    /// <exception cref="DockerArgumentException">InvalidSubnet, InvalidGateway, InvalidIPRange, InvalidNetworkOption.</exception>
    /// <exception cref="DockerConflictException">SubnetOverlaps, AddressPoolsExhausted.</exception>
    public static NetworkDefinition Of(
        NetworkRequest request, string id, IReadOnlyList<(string Name, IPNetwork Subnet)> networks, IReadOnlyList<IPNetwork> host)
    {
        CheckOptions(request);
        List<IPNetwork> subnets = [.. request.Subnets.Select(ParseSubnet)];
        if (subnets.Count > 2 || subnets.Select(s => s.BaseAddress.AddressFamily).Distinct().Count() != subnets.Count)
            throw Wrong("InvalidSubnet", string.Join(", ", request.Subnets), "are two subnets of one version", "Give one of version 4 and one of version 6 at most.");
        // What stands on an interface of this machine is meant to be in that interface's subnet.
        foreach (IPNetwork subnet in subnets) CheckFree(subnet, networks, OnParent(request) ? [] : host);
        if (!subnets.Exists(s => !Six(s)) && !(request.IPv6 && request.Subnets.Count > 0))
        {
            subnets.Insert(0, AddressPools.Free([.. networks.Select(n => n.Subnet), .. host]) ?? throw new DockerConflictException(
                "AddressPoolsExhausted", "No subnet of the pools is free. Name one with -Subnet, or remove networks that nobody uses (Clear-ContainerNetwork).", request.Name));
        }

        if (request.IPv6 && !subnets.Exists(Six)) subnets.Add(AddressPools.Local(id));
        return new NetworkDefinition
        {
            Driver = request.Driver,
            Subnets = Describe(request, subnets),
            Internal = request.Internal,
            Options = request.Options,
            Labels = request.Labels,
        };
    }

    private static List<SubnetDefinition> Describe(NetworkRequest request, List<IPNetwork> subnets)
    {
        List<IPAddress> gateways = [.. request.Gateways.Select(ParseAddress)];
        List<IPNetwork> ranges = [.. request.Ranges.Select(ParseRange)];
        var described = new List<SubnetDefinition>();
        foreach (IPNetwork subnet in subnets)
        {
            var all = new AddressRange(subnet);
            IPAddress? gateway = gateways.Find(all.Contains);
            IPNetwork? range = ranges.Exists(r => Within(r, subnet)) ? ranges.Find(r => Within(r, subnet)) : null;
            if (gateway is not null) gateways.Remove(gateway);
            if (range is { } used) ranges.Remove(used);
            described.Add(new SubnetDefinition(subnet.ToString(), (gateway ?? all.At(1)).ToString(), range?.ToString()));
        }

        if (gateways.Count > 0)
            throw Wrong("InvalidGateway", gateways[0].ToString(), "is in none of the network's subnets", $"Choose an address of {string.Join(" or ", subnets)}.");
        if (ranges.Count > 0)
            throw Wrong("InvalidIPRange", ranges[0].ToString(), "is in none of the network's subnets", $"Choose a part of {string.Join(" or ", subnets)}.");
        return described;
    }

    private static void CheckFree(IPNetwork subnet, IReadOnlyList<(string Name, IPNetwork Subnet)> networks, IReadOnlyList<IPNetwork> host)
    {
        var range = new AddressRange(subnet);
        foreach ((string name, IPNetwork other) in networks)
        {
            if (range.Overlaps(new AddressRange(other)))
            {
                throw new DockerConflictException(
                    "SubnetOverlaps", $"The subnet {subnet} overlaps {other} of the network '{name}'. Choose another, or leave -Subnet out to get a free one.", subnet.ToString());
            }
        }

        foreach (IPNetwork route in host)
        {
            if (range.Overlaps(new AddressRange(route)))
            {
                throw new DockerConflictException(
                    "SubnetOverlaps", $"The subnet {subnet} overlaps {route}, to which this machine has a route. Choose another, or leave -Subnet out to get a free one.", subnet.ToString());
            }
        }
    }

    private static bool OnParent(NetworkRequest request) => request.Driver is ContainerNetworkDriver.Macvlan or ContainerNetworkDriver.Ipvlan;

    private static void CheckOptions(NetworkRequest request)
    {
        if (OnParent(request) && !request.Options.ContainsKey("parent"))
        {
            throw new DockerArgumentException(
                "InvalidNetworkOption", $"A network of the driver {request.Driver.ToString().ToLowerInvariant()} stands on an interface of this machine. Name it: -Option parent=eth0.", request.Name);
        }

        foreach ((string key, string value) in request.Options)
        {
            bool good = (request.Driver, key) switch
            {
                (_, "mtu") => int.TryParse(value, out int mtu) && mtu is >= 68 and <= 65535,
                (ContainerNetworkDriver.Bridge, "isolate") => bool.TryParse(value, out _),
                (ContainerNetworkDriver.Macvlan or ContainerNetworkDriver.Ipvlan, "parent") => value.Length is > 0 and <= 15,
                (ContainerNetworkDriver.Macvlan or ContainerNetworkDriver.Ipvlan, "vlan") => int.TryParse(value, out int vlan) && vlan is >= 1 and <= 4094,
                (ContainerNetworkDriver.Macvlan, "mode") => value is "bridge" or "private" or "vepa" or "passthru",
                (ContainerNetworkDriver.Ipvlan, "mode") => value is "l2" or "l3" or "l3s",
                _ => false,
            };
            if (!good)
            {
                throw Wrong(
                    "InvalidNetworkOption", $"{key}={value}", $"is no option of the driver {request.Driver.ToString().ToLowerInvariant()}",
                    "Options are mtu=68..65535; of bridges isolate=true|false; of macvlan and ipvlan parent=INTERFACE, vlan=1..4094 and mode=bridge|private|vepa|passthru or l2|l3|l3s.");
            }
        }
    }

    private static IPNetwork ParseSubnet(string text)
    {
        // Bits behind the prefix are dropped in silence when they are parsed.
        if (!IPNetwork.TryParse(text, out IPNetwork subnet) || !IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/')), out IPAddress? address)
            || !address.Equals(subnet.BaseAddress))
            throw Wrong("InvalidSubnet", text, "is no subnet", "Write it as 10.1.0.0/24: address, slash, bits of the prefix, and no bits behind the prefix.");
        int bits = Six(subnet) ? 128 : 32;
        return subnet.PrefixLength is >= 8 && subnet.PrefixLength <= bits - 2
            ? subnet
            : throw Wrong("InvalidSubnet", text, "has no room for a gateway and containers, or is far too large", $"Use a prefix of 8 to {bits - 2} bits.");
    }

    private static IPAddress ParseAddress(string text) =>
        AddressText.TryParse(text, out IPAddress? address) ? address : throw Wrong("InvalidGateway", text, "is no address", "Write it as 10.1.0.1.");

    private static IPNetwork ParseRange(string text) =>
        IPNetwork.TryParse(text, out IPNetwork range) ? range : throw Wrong("InvalidIPRange", text, "is no range of addresses", "Write it as 10.1.0.128/25.");

    private static bool Within(IPNetwork range, IPNetwork subnet) =>
        range.PrefixLength >= subnet.PrefixLength && range.BaseAddress.AddressFamily == subnet.BaseAddress.AddressFamily && subnet.Contains(range.BaseAddress);

    private static bool Six(IPNetwork subnet) => subnet.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    private static DockerArgumentException Wrong(string errorId, string value, string reason, string next) => new(errorId, $"'{value}' {reason}. {next}", value);
}
