using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;

namespace DockerPS.Module.Commands;

/// <summary>Ends containers: the stop signal, the grace period, then SIGKILL.</summary>
[Cmdlet(VerbsLifecycle.Stop, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
public sealed class StopContainerCommand : SilentContainersCommand
{
    [Parameter]
    [Alias("Time", "Timeout")]
    [Seconds("InvalidGracePeriod")]
    public TimeSpan? GracePeriod { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Signal { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    // Twenty containers that all take their whole grace period still take one.
    private protected override int AtOnce => 64;

    private protected override Task<Container> ChangeAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken) => Force
            ? engine.StopContainerAsync(container.Id, TimeSpan.Zero, "SIGKILL", cancellationToken)
            : engine.StopContainerAsync(container.Id, GracePeriod, Signal, cancellationToken);
}
