using System.Management.Automation;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Makes a volume that begins with the data of another.</summary>
[Cmdlet(VerbsCommon.Copy, "ContainerVolume", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerVolume))]
public sealed class CopyContainerVolumeCommand : VolumesCommand
{
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("NewName")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Act(ContainerVolume volume, object target)
    {
        if (!ShouldProcess($"{volume.Name} to {Destination}", "Copy volume")) return;
        bool force = Force;
        var progress = new ItemProgress(this, "Copying");
        bool done = Try(target, async (engine, token) =>
        {
            try
            {
                return await engine.CopyVolumeAsync(volume.Name, Destination, force, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out ContainerVolume copy);
        if (done) WriteObject(copy);
    }
}
