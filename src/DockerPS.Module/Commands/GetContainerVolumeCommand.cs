using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Volumes as objects.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerVolume")]
[OutputType(typeof(ContainerVolume))]
[Alias("Inspect-ContainerVolume")]
public sealed class GetContainerVolumeCommand : EngineCommand
{
    private readonly HashSet<string> _written = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Volume")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Label { get; set; }

    [Parameter]
    public SwitchParameter Dangling { get; set; }

    [Parameter]
    public SwitchParameter Size { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name is null) Write(null);
        else foreach (string name in Name) Write(name);
    }

    private void Write(string? name)
    {
        var filter = new VolumeFilter { Names = name is null ? [] : [name], Labels = Label ?? [], Dangling = Dangling, Size = Size };
        if (!Try(name, (engine, token) => engine.GetVolumesAsync(filter, token), out IReadOnlyList<ContainerVolume> found)) return;
        foreach (ContainerVolume volume in found)
        {
            if (_written.Add(volume.Name)) WriteObject(volume);
        }
    }
}
