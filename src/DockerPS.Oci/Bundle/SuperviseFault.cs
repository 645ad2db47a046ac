namespace DockerPS.Oci.Bundle;

/// <summary>
/// Something that is made worse of a container's network while it runs. There is at most one of each kind in each network. Part of a request
/// on control.sock, and of state.json while it is in effect.
/// </summary>
public sealed class SuperviseFault
{
    /// <summary>Name of the network.</summary>
    public required string Network { get; set; }

    /// <summary>Of <see cref="FaultKinds"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>Bits a second, lost packets of a million, 1, microseconds. 0 ends what is in effect.</summary>
    public long Value { get; set; }

    /// <summary>With latency: microseconds that it varies by.</summary>
    public long Jitter { get; set; }

    /// <summary>With loss and partition: whose packets only, as the user named them; empty means all.</summary>
    public List<string> Peers { get; set; } = [];

    /// <summary>Their addresses, or subnets.</summary>
    public List<string> PeerAddresses { get; set; } = [];

    /// <summary>Milliseconds after which it ends; 0 is not until it is ended.</summary>
    public long Duration { get; set; }

    /// <summary>In state.json: when it ends.</summary>
    public DateTimeOffset? Until { get; set; }
}

/// <summary>Values of <see cref="SuperviseFault.Kind"/>.</summary>
public static class FaultKinds
{
    public const string Rate = "rate";
    public const string Loss = "loss";
    public const string Partition = "partition";
    public const string Latency = "latency";

    public static IReadOnlyList<string> All { get; } = [Rate, Loss, Partition, Latency];
}
