using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Commands;

/// <summary>Freezes all processes of running containers.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
[Alias("Pause-Container")]
public sealed class SuspendContainerCommand : SilentContainersCommand
{
    private protected override Task<Container> ChangeAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken) =>
        engine.SuspendContainerAsync(container.Id, cancellationToken);
}
