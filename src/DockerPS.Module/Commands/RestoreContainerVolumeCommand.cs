using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Brings volumes back to a snapshot: the newest, unless one is named.</summary>
[Cmdlet(VerbsData.Restore, "ContainerVolume", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerVolume))]
public sealed class RestoreContainerVolumeCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Volume")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshot { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name) Restore(name);
    }

    private void Restore(string name)
    {
        if (!Try(name, engine => engine.GetVolumeSnapshots(name), out _)) return;
        if (!ShouldProcess($"{name} to snapshot {Snapshot ?? "(newest)"}", "Restore volume")) return;
        string? snapshot = Snapshot;
        var progress = new ItemProgress(this, "Restoring");
        bool done = Try(name, async (engine, token) =>
        {
            try
            {
                return await engine.RestoreVolumeAsync(name, snapshot, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out ContainerVolume volume);
        if (done && PassThru) WriteObject(volume);
    }
}
