using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Takes mounts of images away.</summary>
[Cmdlet(VerbsData.Dismount, "ContainerImage", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerImageMount))]
public sealed class DismountContainerImageCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Mount", ValueFromPipeline = true)]
    [ValidateNotNull]
    public ContainerImageMount[] Mount { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Mount")
        {
            foreach (ContainerImageMount mount in Mount) Dismount(mount, mount);
            return;
        }

        if (!Try(null, engine => engine.GetImageMounts(), out IReadOnlyList<ContainerImageMount> mounts)) return;
        foreach (string asked in ParameterSetName == "Path" ? Path : Name) Dismount(asked, mounts);
    }

    private void Dismount(string asked, IReadOnlyList<ContainerImageMount> mounts)
    {
        IReadOnlyList<ContainerImageMount> found;
        if (ParameterSetName == "Path")
        {
            if (FileSystemPaths.Destination(this, asked)?.TrimEnd('/') is not { } path) return;
            found = [.. mounts.Where(mount => mount.Path == path)];
        }
        else
        {
            var filter = new ImageFilter { Names = [asked] };
            if (!Try(asked, engine => engine.GetImages(filter), out IReadOnlyList<ContainerImage> images)) return;
            found = [.. mounts.Where(mount => images.Any(image => image.Id == mount.ImageId))];
        }

        if (found.Count == 0 && !ContainerNames.IsPattern(asked))
        {
            WriteError(ErrorRecords.From(new DockerNotFoundException(
                "ImageNotMounted", $"'{asked}' is not mounted. (Get-ContainerImage).Mounts lists what is.", asked)));
        }

        foreach (ContainerImageMount mount in found) Dismount(mount, asked);
    }

    private void Dismount(ContainerImageMount mount, object target)
    {
        if (!ShouldProcess($"{mount.Path} ({mount.Image})", "Dismount image")) return;
        bool force = Force;
        if (Try(target, (engine, token) => engine.DismountImageAsync(mount, force, token), out ContainerImageMount gone) && PassThru) WriteObject(gone);
    }
}
