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
            var filter = new VolumeFilter { Names = [name] };
            if (!Try(name, (engine, token) => engine.GetVolumesAsync(filter, token), out IReadOnlyList<ContainerVolume> found)) continue;
            foreach (ContainerVolume volume in found) Act(volume, pattern ? volume : name);
        }
    }

    private protected abstract void Act(ContainerVolume volume, object target);
}
