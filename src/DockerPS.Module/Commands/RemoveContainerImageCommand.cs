using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Removes names of images, and with its last name an image; one that a container uses only with -Force.</summary>
[Cmdlet(VerbsCommon.Remove, "ContainerImage", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerImageRemoval))]
public sealed class RemoveContainerImageCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Image", ValueFromPipeline = true)]
    [ValidateNotNull]
    public ContainerImage[] InputObject { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Image")
        {
            foreach (ContainerImage image in InputObject) Remove(image.Reference, image);
            return;
        }
        foreach (string name in Name)
        {
            if (!ContainerNames.IsPattern(name))
            {
                Remove(name, name);
                continue;
            }
            var filter = new ImageFilter { Names = [name] };
            if (!Try(name, engine => engine.GetImages(filter), out IReadOnlyList<ContainerImage> found)) continue;
            foreach (ContainerImage image in found) Remove(image.Reference, image);
        }
    }

    private void Remove(string name, object target)
    {
        // Found before it is asked for, so that -WhatIf tells a wrong name too.
        if (!Try(target, engine => engine.GetImages(new ImageFilter { Names = [name] }), out _)) return;
        if (!ShouldProcess(name)) return;
        bool force = Force;
        if (Try(target, (engine, _) => Task.FromResult(engine.RemoveImage(name, force)), out IReadOnlyList<ContainerImageRemoval> removed)
            && PassThru)
            WriteObject(removed, enumerateCollection: true);
    }
}
