using System.Collections;
using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Makes volumes; one that is there with the same options is returned as it is.</summary>
[Cmdlet(VerbsCommon.New, "ContainerVolume", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerVolume))]
[Alias("Create-ContainerVolume")]
public sealed class NewContainerVolumeCommand : EngineCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Volume")]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(VolumeDriverCompleter))]
    [ValidateNotNullOrEmpty]
    public string Driver { get; set; } = "local";

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Pairs("InvalidLabel")]
    public IDictionary? Label { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Opt")]
    [VolumeOptions]
    public IDictionary? Option { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Driver != "local")
        {
            WriteError(ErrorRecords.From(new DockerArgumentException(
                "VolumeDriverNotFound", $"There is no volume driver '{Driver}'. Leave -Driver out for local, which also mounts tmpfs, nfs and directories (-Option).", Driver)));
            return;
        }

        if (Name is null) Make(null);
        else foreach (string name in Name) Make(name);
    }

    private void Make(string? name)
    {
        if (!ShouldProcess(name ?? "(anonymous)")) return;
        var labels = Label as IReadOnlyDictionary<string, string> ?? new Dictionary<string, string>();
        var options = Option as IReadOnlyDictionary<string, string> ?? new Dictionary<string, string>();
        if (Try(name, engine => engine.CreateVolume(name, labels, options), out ContainerVolume volume)) WriteObject(volume);
    }
}
