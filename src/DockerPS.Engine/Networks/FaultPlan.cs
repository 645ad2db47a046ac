using System.Net;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Networks;

/// <summary>A container's peers in one of its networks.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Addresses">Theirs there, or subnets; empty when no peers were asked for.</param>
internal sealed record FaultScope(string Network, IReadOnlyList<string> Addresses);

/// <summary>Faults as a supervisor takes them; pure functions.</summary>
internal static class FaultPlan
{
    private const double Million = 1_000_000;
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(365), LongestLatency = TimeSpan.FromHours(1);

    /// <summary>Judges a request before anything is looked up.</summary>
    /// <exception cref="DockerArgumentException">FaultMissing, InvalidLoss, InvalidLatency, InvalidJitter, InvalidDuration, PeerNotSupported.</exception>
    public static void Check(NetworkFaultRequest request)
    {
        bool any = request is not { Rate: null, Loss: null, Partition: null, Latency: null };
        if (request.Jitter is not null && request.Latency is null)
            throw new DockerArgumentException("InvalidJitter", "Jitter is how much a latency varies. Say which: -Latency 200ms -Jitter 20ms.", request.Jitter);
        if (!any && !request.Reset) throw new DockerArgumentException("FaultMissing", "Say what is to be made worse: -Rate, -Loss, -Partition or -Latency; or end all of it with -Reset.");
        if (request.Loss is { } loss && !(loss is >= 0 and <= 1))
            throw new DockerArgumentException("InvalidLoss", $"{loss * 100} % of the packets cannot be lost. Write 0% to 100%.", loss);
        if (request.Latency is { } latency && (latency < TimeSpan.Zero || latency > LongestLatency))
            throw new DockerArgumentException("InvalidLatency", $"A latency of {latency} cannot be made. Write 0 to an hour, such as 200ms.", latency);
        if (request.Jitter is { } jitter && (jitter < TimeSpan.Zero || jitter > LongestLatency))
            throw new DockerArgumentException("InvalidJitter", $"A jitter of {jitter} cannot be made. Write 0 to an hour, such as 20ms.", jitter);
        if (request.For is { } time && (time < TimeSpan.FromMilliseconds(1) || time > LongestTime))
            throw new DockerArgumentException("InvalidDuration", $"A fault cannot last {time}. Write a millisecond to a year, such as 30s.", time);
        if (request.Peers.Count > 0 && request is not { Rate: null, Latency: null })
        {
            throw new DockerArgumentException(
                "PeerNotSupported", "Rate and latency are of all that a container sends, whoever gets it. Leave -Peer out, or use it with -Loss and -Partition only.", request.Peers[0]);
        }
    }

    /// <summary>The faults of each network.</summary>
    public static List<SuperviseFault> Of(NetworkFaultRequest request, IReadOnlyList<FaultScope> scopes)
    {
        var faults = new List<SuperviseFault>();
        foreach (FaultScope scope in scopes)
        {
            if (request.Reset) faults.AddRange(FaultKinds.All.Select(kind => new SuperviseFault { Network = scope.Network, Kind = kind }));
            if (request.Rate is { } rate) Add(scope, FaultKinds.Rate, rate.BitsPerSecond);
            if (request.Loss is { } loss) Add(scope, FaultKinds.Loss, loss > 0 ? Math.Max(1, (long)Math.Round(loss * Million)) : 0);
            if (request.Partition is { } partition) Add(scope, FaultKinds.Partition, partition ? 1 : 0);
            if (request.Latency is { } latency) Add(scope, FaultKinds.Latency, (long)latency.TotalMicroseconds);
        }

        return faults;

        void Add(FaultScope scope, string kind, long value)
        {
            bool chooses = kind is FaultKinds.Loss or FaultKinds.Partition;
            faults.Add(new SuperviseFault
            {
                Network = scope.Network,
                Kind = kind,
                Value = value,
                Jitter = kind == FaultKinds.Latency ? (long)(request.Jitter ?? default).TotalMicroseconds : 0,
                Peers = chooses ? [.. request.Peers] : [],
                PeerAddresses = chooses ? [.. scope.Addresses] : [],
                Duration = (long)(request.For ?? default).TotalMilliseconds,
            });
        }
    }

    /// <summary>As users see it.</summary>
    public static ContainerNetworkFault ToFault(SuperviseFault fault, string container, string containerId) => new()
    {
        Container = container,
        ContainerId = containerId,
        Network = fault.Network,
        Kind = Enum.Parse<ContainerNetworkFaultKind>(fault.Kind, ignoreCase: true),
        Rate = fault.Kind == FaultKinds.Rate ? new BitRate(fault.Value) : null,
        Loss = fault.Kind == FaultKinds.Loss ? fault.Value / Million : null,
        Latency = fault.Kind == FaultKinds.Latency ? TimeSpan.FromMicroseconds(fault.Value) : null,
        Jitter = fault.Kind == FaultKinds.Latency ? TimeSpan.FromMicroseconds(fault.Jitter) : null,
        Peers = fault.Peers,
        Until = fault.Until,
    };

    /// <summary>Whether a peer is written as an address or a subnet, and not as a container's name.</summary>
    public static bool IsAddress(string peer) => AddressText.IsAddress(peer) || IPNetwork.TryParse(peer, out _);

    /// <summary>What a supervisor's refusal means.</summary>
    public static DockerException Refused(RuntimeFailure failure, string container) => failure switch
    {
        { Stage: RuntimeStages.FaultLatency } => new DockerArgumentException(
            "LatencyNotSupported",
            "Latency and jitter are made by the kernel's netem queue (module sch_netem), and this machine's kernel has none. -Rate, -Loss and -Partition work without it; "
            + "for latency use a kernel with sch_netem (Debian: linux-image-amd64, Ubuntu: linux-modules-extra). Nothing was changed.",
            container),
        { Stage: RuntimeStages.FaultRate, Errno: 17 } => new DockerConflictException(
            "QueueInUse", $"A program inside '{container}' has set up a queue of its own on the interface. Remove it (tc qdisc del dev eth0 root) and try again. Nothing was changed.", container),
        { Stage: RuntimeStages.FaultRate } => new DockerArgumentException(
            "RateNotSupported",
            "Rates are limited by the kernel's token bucket (module sch_tbf), and this machine's kernel has none. -Loss and -Partition work without it. Nothing was changed.", container),
        { Stage: RuntimeStages.FaultRules, Errno: 2 } => new DockerEnvironmentException(
            "NftablesMissing", "Loss and partition are made by nftables' rules, and libnftables is not installed. Install it (Debian: apt install libnftables1). Nothing was changed.", container),
        { Stage: RuntimeStages.FaultRules } => new DockerArgumentException(
            "LossNotSupported", "Loss and partition are made by nftables' rules, which this machine's kernel refuses (it wants CONFIG_NF_TABLES and CONFIG_NFT_NUMGEN). Nothing was changed.", container),
        _ => new ContainerRuntimeException(
            "NetworkFaultFailed", $"The network of container '{container}' could not be changed: {failure.Text.TrimEnd('.')}. Look at it with Test-ContainerNetwork. Nothing was changed.",
            container, failure.Stage, failure.Call, failure.Errno, failure.ExitCode),
    };
}
