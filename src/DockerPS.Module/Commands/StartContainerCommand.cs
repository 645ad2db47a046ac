using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Commands;

/// <summary>Starts created or exited containers; one that runs is left alone.</summary>
[Cmdlet(VerbsLifecycle.Start, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
public sealed class StartContainerCommand : SilentContainersCommand
{
    private protected override Task<Container> ChangeAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken) =>
        engine.StartContainerAsync(container.Id, cancellationToken);
}
