using System.Management.Automation;
using DockerPS.Module.Completion;

namespace DockerPS.Module.Commands;

/// <summary>Snapshots of volumes, oldest first.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerVolumeSnapshot", DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerVolumeSnapshot))]
public sealed class GetContainerVolumeSnapshotCommand : EngineSnapshotCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Volume { get; set; } = ["*"];

    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Snapshot { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Volume) WriteObject(Find(name, Snapshot), enumerateCollection: true);
    }
}
