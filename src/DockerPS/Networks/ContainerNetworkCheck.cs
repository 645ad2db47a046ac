namespace DockerPS;

/// <summary>What <c>Test-ContainerNetwork</c> looks at, in this order.</summary>
public enum ContainerNetworkCheckKind
{
    /// <summary>Both are in one network, and its interfaces and bridge are there and up.</summary>
    Link,

    /// <summary>The interfaces have the addresses that they were given.</summary>
    Address,

    /// <summary>A way leads there, and back.</summary>
    Route,

    /// <summary>The name server of the container knows the name.</summary>
    Name,

    /// <summary>Something answers on the port.</summary>
    Port,
}

/// <summary>What one check of a network saw, from within a container.</summary>
public sealed record ContainerNetworkCheck
{
    /// <summary>Name of the container from which was looked.</summary>
    public required string From { get; init; }

    /// <summary>What was to be reached.</summary>
    public required string To { get; init; }

    /// <summary>Name of the network; empty when the check is about none, or about several.</summary>
    public string Network { get; init; } = "";

    public required ContainerNetworkCheckKind Check { get; init; }

    public required bool Passed { get; init; }

    /// <summary>What was seen, and what to do when it did not pass.</summary>
    public required string Message { get; init; }

    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Check}: {Message}";
}
