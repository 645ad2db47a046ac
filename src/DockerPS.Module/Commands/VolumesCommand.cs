using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Base of the verbs that take volumes by name, pattern or object; each is an item of its own.</summary>
public abstract class VolumesCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Volume")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Volume", ValueFromPipeline = true)]
    [ValidateNotNull]
    public ContainerVolume[] InputObject { get; set; } = [];

    /// <summary>A literal name of no volume is no error.</summary>
    private protected virtual bool MayBeMissing => false;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Volume")
        {
            foreach (ContainerVolume volume in InputObject) Act(volume, volume);
            return;
        }

        foreach (string name in Name)
        {
            bool pattern = ContainerNames.IsPattern(name);
            if (!Try(name, (engine, token) => FindAsync(engine, name, token), out IReadOnlyList<ContainerVolume> found)) continue;
            foreach (ContainerVolume volume in found) Act(volume, pattern ? volume : name);
        }
    }

    private async Task<IReadOnlyList<ContainerVolume>> FindAsync(ContainerEngine engine, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.GetVolumesAsync(new VolumeFilter { Names = [name] }, cancellationToken).ConfigureAwait(false);
        }
        catch (DockerNotFoundException) when (MayBeMissing)
        {
            return [];
        }
    }

    private protected abstract void Act(ContainerVolume volume, object target);
}
