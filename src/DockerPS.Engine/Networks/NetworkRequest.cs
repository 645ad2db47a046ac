namespace DockerPS.Engine;

/// <summary>What <see cref="ContainerEngine.CreateNetwork"/> makes.</summary>
public sealed record NetworkRequest
{
    public required string Name { get; init; }

    public ContainerNetworkDriver Driver { get; init; }

    /// <summary><c>10.1.0.0/24</c>; one for each version at most; none takes one of the pools.</summary>
    public IReadOnlyList<string> Subnets { get; init; } = [];

    /// <summary>Addresses of the host, each in one of the subnets; none takes the first of each.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>Parts of the subnets from which containers get addresses.</summary>
    public IReadOnlyList<string> Ranges { get; init; } = [];

    /// <summary>Also a subnet of version 6.</summary>
    public bool IPv6 { get; init; }

    public bool Internal { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

/// <summary>How a container is connected to a network.</summary>
public sealed record NetworkConnection
{
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Addresses that it shall have, one for each version at most; none takes free ones.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Null makes one.</summary>
    public string? MacAddress { get; init; }
}
