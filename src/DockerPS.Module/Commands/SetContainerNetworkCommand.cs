using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Makes the networks of running containers worse, for tests of what then happens, or ends that.</summary>
[Cmdlet(VerbsCommon.Set, "ContainerNetwork", SupportsShouldProcess = true, DefaultParameterSetName = "Fault")]
[OutputType(typeof(ContainerNetworkFault))]
[Alias("Set-ContainerNet")]
public sealed class SetContainerNetworkCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ContainerId", "Id")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Container { get; set; } = [];

    [Parameter]
    [ArgumentCompleter(typeof(NetworkNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Network { get; set; } = [];

    [Parameter(ParameterSetName = "Fault")]
    [Rate("InvalidRate")]
    public BitRate? Rate { get; set; }

    [Parameter(ParameterSetName = "Fault")]
    [Share("InvalidLoss")]
    public double? Loss { get; set; }

    [Parameter(ParameterSetName = "Fault")]
    public SwitchParameter Partition { get; set; }

    [Parameter(ParameterSetName = "Fault")]
    [Seconds("InvalidLatency")]
    public TimeSpan? Latency { get; set; }

    [Parameter(ParameterSetName = "Fault")]
    [Seconds("InvalidJitter")]
    public TimeSpan? Jitter { get; set; }

    [Parameter(ParameterSetName = "Fault")]
    [Alias("Duration")]
    [Seconds("InvalidDuration")]
    public TimeSpan? For { get; set; }

    [Parameter(ParameterSetName = "Fault")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Peer { get; set; } = [];

    [Parameter(ParameterSetName = "Reset", Mandatory = true)]
    public SwitchParameter Reset { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private NetworkFaultRequest Request => new()
    {
        Networks = Network,
        Rate = Rate,
        Loss = Loss,
        Partition = MyInvocation.BoundParameters.ContainsKey(nameof(Partition)) ? Partition : null,
        Latency = Latency,
        Jitter = Jitter,
        For = For,
        Peers = Peer,
        Reset = Reset,
    };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Container)
        {
            // Of a pattern only those that run; a literal name that does not is an error.
            var filter = new ContainerFilter { Names = [name] };
            if (!Try(name, engine => engine.GetContainers(filter), out IReadOnlyList<Container> found)) continue;
            foreach (Container container in found) Act(container, ContainerNames.IsPattern(name) ? container : name);
        }
    }

    private void Act(Container container, object target)
    {
        NetworkFaultRequest request = Request;
        string where = Network.Length > 0 ? $"in {string.Join(", ", Network)}" : "in all its networks";
        if (!ShouldProcess($"{container.Name} ({container.ShortId})", $"{(Reset ? "End the network's faults" : $"Set faults: {What()}")} {where}")) return;
        if (Try(target, (engine, token) => engine.SetNetworkFaultsAsync(container.Id, request, token), out IReadOnlyList<ContainerNetworkFault> faults) && PassThru)
            WriteObject(faults, enumerateCollection: true);
    }

    private string What()
    {
        string?[] parts =
        [
            Rate is { } rate ? $"rate {rate}" : null,
            Loss is { } loss ? FormattableString.Invariant($"loss {loss * 100:0.####}%") : null,
            Partition ? "partition" : null,
            Latency is { } latency ? FormattableString.Invariant($"latency {latency.TotalMilliseconds:0.###}ms") : null,
            Peer.Length > 0 ? $"with {string.Join(", ", Peer)}" : null,
            For is { } time ? $"for {time}" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }
}
