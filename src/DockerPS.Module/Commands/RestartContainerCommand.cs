using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Conversion;

namespace DockerPS.Module.Commands;

/// <summary>Stops containers, with their grace period, and starts them again.</summary>
[Cmdlet(VerbsLifecycle.Restart, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
public sealed class RestartContainerCommand : SilentContainersCommand
{
    [Parameter]
    [Alias("Time", "Timeout")]
    [Seconds("InvalidGracePeriod")]
    public TimeSpan? GracePeriod { get; set; }

    private protected override int AtOnce => 64;

    private protected override Task<Container> ChangeAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken) =>
        engine.RestartContainerAsync(container.Id, GracePeriod, cancellationToken);
}
