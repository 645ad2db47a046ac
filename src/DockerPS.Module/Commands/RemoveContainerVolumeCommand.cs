using System.Management.Automation;

namespace DockerPS.Module.Commands;

/// <summary>Removes volumes with their data and snapshots; one that a container uses stays.</summary>
[Cmdlet(VerbsCommon.Remove, "ContainerVolume", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerVolume))]
public sealed class RemoveContainerVolumeCommand : VolumesCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool MayBeMissing => Force;

    private protected override void Act(ContainerVolume volume, object target)
    {
        if (!ShouldProcess(volume.Name)) return;
        bool done = Try(target, (engine, _) =>
        {
            engine.RemoveVolume(volume.Name);
            return Task.FromResult(true);
        }, out _);
        if (done && PassThru) WriteObject(volume);
    }
}
