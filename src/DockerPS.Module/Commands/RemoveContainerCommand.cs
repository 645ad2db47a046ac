using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Commands;

/// <summary>Removes containers with their files and log; running ones only with -Force.</summary>
// ConfirmImpact stays Medium here and in Remove-ContainerImage, although data goes: High would prompt by default, and a script's
// "… | Remove-Container" must work where nobody answers. -Confirm, or a lower $ConfirmPreference, asks.
[Cmdlet(VerbsCommon.Remove, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
public sealed class RemoveContainerCommand : SilentContainersCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    [Alias("Volumes", "v")]
    public SwitchParameter RemoveVolume { get; set; }

    private protected override async Task<Container> ChangeAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken)
    {
        await engine.RemoveContainerAsync(container.Id, Force, RemoveVolume, cancellationToken);
        return container;
    }
}
