using System.Net;

namespace DockerPS;

/// <summary>What makes a network.</summary>
public enum ContainerNetworkDriver
{
    /// <summary>A bridge of the host, with NAT to the outside.</summary>
    Bridge,

    /// <summary>Interfaces with addresses of their own on an interface of the host.</summary>
    Macvlan,

    /// <summary>Interfaces with the hardware address of the host's interface and network addresses of their own.</summary>
    Ipvlan,

    /// <summary>Only a loopback interface.</summary>
    None,

    /// <summary>The host's own network.</summary>
    Host,
}

/// <summary>A network that containers can be connected to.</summary>
public sealed record ContainerNetwork
{
    /// <summary>64 hexadecimal digits; empty for <c>none</c> and <c>host</c>, which are always there.</summary>
    public required string Id { get; init; }

    /// <summary>The first 12 digits of <see cref="Id"/>.</summary>
    public string ShortId => Id.Length > 12 ? Id[..12] : Id;

    public required string Name { get; init; }

    public required ContainerNetworkDriver Driver { get; init; }

    /// <summary>At most one of version 4 and one of version 6.</summary>
    public IReadOnlyList<ContainerNetworkSubnet> Subnets { get; init => field = Indexable.List(value); } = [];

    /// <summary>No way leads out of it.</summary>
    public bool Internal { get; init; }

    /// <summary>Whether it has a subnet of version 6.</summary>
    public bool IPv6 => Subnets.Any(subnet => subnet.Subnet.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);

    /// <summary>Name of the bridge, or of the host's interface that a macvlan or ipvlan stands on; empty when there is none.</summary>
    public string Interface { get; init; } = "";

    /// <summary>Options of the driver (<c>mtu</c>, <c>isolate</c>, <c>parent</c>, <c>vlan</c>, <c>mode</c>).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public DateTimeOffset? Created { get; init; }

    /// <summary>The containers that are connected to it, running or not.</summary>
    public IReadOnlyList<ContainerNetworkAttachment> Containers { get; init => field = Indexable.List(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A subnet of a network.</summary>
/// <param name="Subnet">All its addresses.</param>
/// <param name="Gateway">The host's address in it; null when the host has none.</param>
/// <param name="Range">The part from which containers get addresses; null is all of it.</param>
public sealed record ContainerNetworkSubnet(IPNetwork Subnet, IPAddress? Gateway, IPNetwork? Range)
{
    /// <inheritdoc/>
    public override string ToString() => Subnet.ToString();
}

/// <summary>A container's place in a network.</summary>
public sealed record ContainerNetworkAttachment
{
    /// <summary>Name of the network.</summary>
    public required string Network { get; init; }

    /// <summary>Name of the container.</summary>
    public required string Container { get; init; }

    public required string ContainerId { get; init; }

    public IPAddress? IPAddress { get; init; }

    public IPAddress? IPv6Address { get; init; }

    /// <summary><c>02:42:ac:11:00:02</c>.</summary>
    public required string MacAddress { get; init; }

    /// <summary>Further names by which the others of the network know it.</summary>
    public IReadOnlyList<string> Aliases { get; init => field = Indexable.List(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Container} {IPAddress ?? IPv6Address}".TrimEnd();
}
