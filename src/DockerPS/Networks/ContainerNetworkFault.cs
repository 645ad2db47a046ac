using System.Globalization;

namespace DockerPS;

/// <summary>What is made worse of a network.</summary>
public enum ContainerNetworkFaultKind
{
    /// <summary>Less goes through, each way.</summary>
    Rate,

    /// <summary>Some packets are lost, each way.</summary>
    Loss,

    /// <summary>All packets are lost, each way.</summary>
    Partition,

    /// <summary>What the container sends comes later.</summary>
    Latency,
}

/// <summary>A fault of a running container's network, which <c>Set-ContainerNetwork</c> made. It ends by its time, by -Reset, and with the run.</summary>
public sealed record ContainerNetworkFault
{
    /// <summary>Name of the container.</summary>
    public required string Container { get; init; }

    public required string ContainerId { get; init; }

    /// <summary>Name of the network.</summary>
    public required string Network { get; init; }

    public required ContainerNetworkFaultKind Kind { get; init; }

    public BitRate? Rate { get; init; }

    /// <summary>Share of the packets that are lost: 0.05 is 5 %.</summary>
    public double? Loss { get; init; }

    public TimeSpan? Latency { get; init; }

    /// <summary>How much the latency varies.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>Containers and addresses whose packets only are lost; empty is all.</summary>
    public IReadOnlyList<string> Peers { get; init => field = Indexable.List(value); } = [];

    /// <summary>When it ends by itself; null when it does not.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The value as text: <c>10Mbit</c>, <c>5%</c>, <c>200ms ± 20ms</c>; a partition has none.</summary>
    public string Value => Kind switch
    {
        ContainerNetworkFaultKind.Rate => $"{Rate}",
        ContainerNetworkFaultKind.Loss => string.Create(CultureInfo.InvariantCulture, $"{(Loss ?? 0) * 100:0.####}%"),
        ContainerNetworkFaultKind.Latency => Milliseconds(Latency) + (Jitter > TimeSpan.Zero ? " ± " + Milliseconds(Jitter) : ""),
        _ => "",
    };

    /// <inheritdoc/>
    public override string ToString()
    {
        string what = $"{Kind.ToString().ToLowerInvariant()} {Value}".TrimEnd();
        string peers = Peers.Count > 0 ? $" with {string.Join(", ", Peers)}" : "";
        string until = Until is { } end ? string.Create(CultureInfo.InvariantCulture, $" until {end.ToLocalTime():HH:mm:ss}") : "";
        return $"{Network}: {what}{peers}{until}";
    }

    private static string Milliseconds(TimeSpan? time) => string.Create(CultureInfo.InvariantCulture, $"{(time ?? default).TotalMilliseconds:0.###}ms");
}
