using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Commands;

/// <summary>Removes containers with their files and log; running ones only with -Force.</summary>
[Cmdlet(VerbsCommon.Remove, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
public sealed class RemoveContainerCommand : SilentContainersCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task<Container> ChangeAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken)
    {
        await engine.RemoveContainerAsync(container.Id, Force, cancellationToken);
        return container;
    }
}
