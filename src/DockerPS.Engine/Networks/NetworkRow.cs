using System.Net;
using System.Text.Json.Serialization;

namespace DockerPS.Engine.Networks;

/// <summary>A row of networks.</summary>
internal sealed record NetworkRow
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required NetworkDefinition Definition { get; init; }

    /// <summary>Name of the bridge: at most 15 bytes, and the same for the same network.</summary>
    public string Bridge => Definition.Bridge ?? "dps-" + Id[..11];

    public ContainerNetwork ToNetwork(IReadOnlyList<AttachmentRow> attachments) => new()
    {
        Id = Id,
        Name = Name,
        Driver = Definition.Driver,
        Subnets = [.. Definition.Subnets.Select(subnet => subnet.ToSubnet())],
        Internal = Definition.Internal,
        Interface = Definition.Driver == ContainerNetworkDriver.Bridge ? Bridge : Definition.Options.GetValueOrDefault("parent", ""),
        Options = Definition.Options,
        Labels = Definition.Labels,
        Created = Created,
        Containers = [.. attachments.Select(attachment => attachment.ToAttachment(Name))],
    };
}

/// <summary>What of a network stands in the catalogue as JSON.</summary>
internal sealed record NetworkDefinition
{
    public ContainerNetworkDriver Driver { get; init; }
    public IReadOnlyList<SubnetDefinition> Subnets { get; init; } = [];
    public bool Internal { get; init; }

    /// <summary>Name of the bridge; null is made of the id.</summary>
    public string? Bridge { get; init; }
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}

/// <summary>A subnet as text.</summary>
internal sealed record SubnetDefinition(string Subnet, string? Gateway, string? Range)
{
    [JsonIgnore] public IPNetwork Network => IPNetwork.Parse(Subnet);

    public ContainerNetworkSubnet ToSubnet() =>
        new(Network, Gateway is null ? null : IPAddress.Parse(Gateway), Range is null ? null : IPNetwork.Parse(Range));
}

/// <summary>A row of attachments: a container in a network, with its leases.</summary>
internal sealed record AttachmentRow
{
    public required string NetworkId { get; init; }
    public required string ContainerId { get; init; }

    /// <summary>Name of the container.</summary>
    public string Container { get; init; } = "";

    /// <summary>Which of the container's networks it is; the first with a way out has the default route.</summary>
    public int Position { get; init; }

    public required string MacAddress { get; init; }
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Its leases.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    public ContainerNetworkAttachment ToAttachment(string network) => new()
    {
        Network = network,
        Container = Container,
        ContainerId = ContainerId,
        IPAddress = Address(six: false),
        IPv6Address = Address(six: true),
        MacAddress = MacAddress,
        Aliases = Aliases,
    };

    private IPAddress? Address(bool six) =>
        Addresses.FirstOrDefault(a => a.Contains(':', StringComparison.Ordinal) == six) is { } text ? IPAddress.Parse(text) : null;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NetworkDefinition))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class NetworkJson : JsonSerializerContext;
