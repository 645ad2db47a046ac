using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Mounts the files of an image read-only on the machine.</summary>
[Cmdlet(VerbsData.Mount, "ContainerImage", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerImageMount))]
public sealed class MountContainerImageCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    [Parameter(Position = 1)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string? path = null;
        if (Path is not null && (path = FileSystemPaths.Destination(this, Path)) is null) return;
        if (!ShouldProcess(Name, path is null ? "Mount image" : $"Mount image at {path}")) return;
        string name = Name;
        if (Try(Name, (engine, token) => engine.MountImageAsync(name, path, token), out ContainerImageMount mount)) WriteObject(mount);
    }
}
