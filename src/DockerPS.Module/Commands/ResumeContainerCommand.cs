using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Commands;

/// <summary>Lets the processes of suspended containers go on.</summary>
[Cmdlet(VerbsLifecycle.Resume, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
[Alias("Unpause-Container")]
public sealed class ResumeContainerCommand : SilentContainersCommand
{
    private protected override Task<Container> ChangeAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken) =>
        engine.ResumeContainerAsync(container.Id, cancellationToken);
}
