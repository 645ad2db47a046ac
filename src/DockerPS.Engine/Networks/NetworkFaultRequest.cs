namespace DockerPS.Engine;

/// <summary>Faults that a running container's networks shall have. What is null stays as it is; 0 and false end what is in effect.</summary>
public sealed record NetworkFaultRequest
{
    /// <summary>Names or ids; none means all of the container's.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    public BitRate? Rate { get; init; }

    /// <summary>Share of the packets, from 0 to 1.</summary>
    public double? Loss { get; init; }

    public bool? Partition { get; init; }

    public TimeSpan? Latency { get; init; }

    /// <summary>Only together with <see cref="Latency"/>.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>After which they end by themselves; null is not before they are ended.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>Containers, addresses or subnets whose packets only are lost.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Ends all.</summary>
    public bool Reset { get; init; }
}

/// <summary>What <see cref="ContainerEngine.TestNetworkAsync"/> looks at.</summary>
public sealed record NetworkTestRequest
{
    /// <summary>Name, id or id prefix of a container.</summary>
    public required string From { get; init; }

    /// <summary>The same, an alias, an address, or a name of the outside.</summary>
    public required string To { get; init; }

    /// <summary>0 tries none.</summary>
    public int Port { get; init; }

    public bool Udp { get; init; }

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);
}
