using System.Management.Automation;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Keeps the data of volumes as they are now, to go back to with Restore-ContainerVolume.</summary>
[Cmdlet(VerbsData.Checkpoint, "ContainerVolume", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerVolumeSnapshot))]
[Alias("New-ContainerVolumeSnapshot")]
public sealed class CheckpointContainerVolumeCommand : VolumesCommand
{
    [Parameter(Position = 1)]
    [Alias("SnapshotName")]
    [ValidateNotNullOrEmpty]
    public string? Snapshot { get; set; }

    [Parameter]
    [Alias("Message")]
    public string Description { get; set; } = "";

    private protected override void Act(ContainerVolume volume, object target)
    {
        if (!ShouldProcess(volume.Name, "Keep a snapshot")) return;
        var progress = new ItemProgress(this, "Keeping");
        bool done = Try(target, async (engine, token) =>
        {
            try
            {
                return await engine.CheckpointVolumeAsync(volume.Name, Snapshot, Description, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out ContainerVolumeSnapshot snapshot);
        if (done) WriteObject(snapshot);
    }
}
