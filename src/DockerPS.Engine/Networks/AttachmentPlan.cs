using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Networks;

/// <summary>What a container gets in a network, and what its supervisor makes of it; pure functions.</summary>
internal static class AttachmentPlan
{
    private const int LongestInterfaceName = 15;

    /// <summary>A new attachment, with addresses that nobody has.</summary>
    /// <exception cref="DockerConflictException">AddressTaken, AddressesExhausted.</exception>
    /// <exception cref="DockerArgumentException">InvalidIPAddress, InvalidMacAddress.</exception>
    public static AttachmentRow Row(NetworkRow network, string containerId, NetworkConnection connection, IReadOnlySet<string> taken)
    {
        List<IPAddress> wanted = [.. connection.Addresses.Select(Parse)];
        var addresses = new List<IPAddress>();
        foreach (ContainerNetworkSubnet subnet in network.Definition.Subnets.Select(s => s.ToSubnet()))
        {
            IPAddress? given = wanted.Find(a => a.AddressFamily == subnet.Subnet.BaseAddress.AddressFamily);
            if (given is not null) wanted.Remove(given);
            addresses.Add(given is null ? Free(network, subnet, taken) : Check(network, subnet, given, taken));
        }

        if (wanted.Count > 0) throw NotIn(network, wanted[0]);
        return new AttachmentRow
        {
            NetworkId = network.Id,
            ContainerId = containerId,
            MacAddress = connection.MacAddress is { } mac ? MacAddress.Parse(mac) : MacAddress.Of(addresses.Find(a => a.AddressFamily == AddressFamily.InterNetwork)),
            Aliases = [.. connection.Aliases],
            Addresses = [.. addresses.Select(a => a.ToString())],
        };
    }

    /// <summary>One interface of a container.</summary>
    public static SuperviseNetwork Of(NetworkRow network, AttachmentRow attachment, string runRoot)
    {
        SuperviseNetwork link = Link(network);
        List<ContainerNetworkSubnet> subnets = [.. network.Definition.Subnets.Select(s => s.ToSubnet())];
        foreach (string address in attachment.Addresses)
        {
            IPAddress parsed = IPAddress.Parse(address);
            ContainerNetworkSubnet subnet = subnets.Find(s => s.Subnet.BaseAddress.AddressFamily == parsed.AddressFamily)!;
            link.Addresses.Add(WithPrefix(parsed, subnet.Subnet));
            if (!network.Definition.Internal && subnet.Gateway is { } way) link.Gateways.Add(way.ToString());
        }

        link.MacAddress = attachment.MacAddress;
        link.NamesDirectory = Path.Join(runRoot, "names", network.Id);
        link.Names = [attachment.Container, attachment.ContainerId[..12], .. attachment.Aliases];
        link.Interface = "eth" + attachment.Position.ToString(CultureInfo.InvariantCulture);
        link.HostInterface = HostInterface(attachment);
        return link;
    }

    /// <summary>What of the host a network is.</summary>
    public static SuperviseNetwork Link(NetworkRow network)
    {
        NetworkDefinition definition = network.Definition;
        bool bridge = definition.Driver == ContainerNetworkDriver.Bridge;
        return new SuperviseNetwork
        {
            Name = network.Name,
            Driver = definition.Driver.ToString().ToLowerInvariant(),
            Link = bridge ? network.Bridge : definition.Options.GetValueOrDefault("parent", ""),
            Vlan = int.Parse(definition.Options.GetValueOrDefault("vlan", "0"), CultureInfo.InvariantCulture),
            Mode = definition.Options.GetValueOrDefault("mode"),
            Mtu = int.Parse(definition.Options.GetValueOrDefault("mtu", "0"), CultureInfo.InvariantCulture),
            LinkAddresses = [.. definition.Subnets.Where(s => bridge && s.Gateway is not null).Select(s => WithPrefix(IPAddress.Parse(s.Gateway!), s.Network))],
            LinkMacAddress = bridge ? MacAddress.Of(network.Id) : null,
            MacAddress = "",
            Interface = "",
            Internal = definition.Internal,
            Isolated = bool.Parse(definition.Options.GetValueOrDefault("isolate", "true")),
        };
    }

    /// <summary>One name for one container in one network: what an ended run may have left is found by it.</summary>
    private static string HostInterface(AttachmentRow attachment)
    {
        const string Prefix = "dpv";
        return string.Concat(Prefix, attachment.NetworkId.AsSpan(0, 4), attachment.ContainerId.AsSpan(0, LongestInterfaceName - Prefix.Length - 4));
    }

    private static IPAddress Free(NetworkRow network, ContainerNetworkSubnet subnet, IReadOnlySet<string> taken) =>
        AddressLease.Lowest(subnet, taken) ?? throw new DockerConflictException(
            "AddressesExhausted",
            $"The network '{network.Name}' has no free address in {subnet.Range ?? subnet.Subnet}. Remove containers that are not needed, or make a network with a larger subnet.",
            network.Name);

    private static IPAddress Check(NetworkRow network, ContainerNetworkSubnet subnet, IPAddress address, IReadOnlySet<string> taken)
    {
        if (!new AddressRange(subnet.Subnet).Contains(address)) throw NotIn(network, address);
        if (AddressLease.IsReserved(subnet, address))
            throw new DockerArgumentException("InvalidIPAddress", $"'{address}' is the network's own: gateway, first or last address of {subnet.Subnet}. Choose another.", address.ToString());
        return taken.Contains(address.ToString())
            ? throw new DockerConflictException(
                "AddressTaken", $"The address {address} of the network '{network.Name}' belongs to another container. Get-ContainerNetwork {network.Name} shows to which.", address.ToString())
            : address;
    }

    private static DockerArgumentException NotIn(NetworkRow network, IPAddress address) => new(
        "InvalidIPAddress",
        $"'{address}' is in none of the subnets of the network '{network.Name}' ({string.Join(", ", network.Definition.Subnets.Select(s => s.Subnet))}).",
        address.ToString());

    private static IPAddress Parse(string text) => AddressText.TryParse(text, out IPAddress? address)
        ? address
        : throw new DockerArgumentException("InvalidIPAddress", $"'{text}' is no address. Write it as 10.1.0.7 or fd00::7.", text);

    private static string WithPrefix(IPAddress address, IPNetwork subnet) => string.Create(CultureInfo.InvariantCulture, $"{address}/{subnet.PrefixLength}");
}
