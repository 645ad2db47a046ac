using System.Management.Automation;
using DockerPS.Module.Completion;

namespace DockerPS.Module.Commands;

/// <summary>Removes snapshots; the volumes stay as they are.</summary>
[Cmdlet(VerbsCommon.Remove, "ContainerVolumeSnapshot", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerVolumeSnapshot))]
public sealed class RemoveContainerVolumeSnapshotCommand : EngineSnapshotCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string Volume { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Snapshot { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Snapshot)
        {
            foreach (ContainerVolumeSnapshot found in Find(Volume, name))
            {
                if (!ShouldProcess(found.ToString())) continue;
                bool done = Try(name, (engine, _) =>
                {
                    engine.RemoveVolumeSnapshot(found.Volume, found.Snapshot);
                    return Task.FromResult(true);
                }, out _);
                if (done && PassThru) WriteObject(found);
            }
        }
    }
}
