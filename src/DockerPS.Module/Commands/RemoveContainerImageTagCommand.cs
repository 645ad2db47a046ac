using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Takes names from images; the images stay.</summary>
[Cmdlet(VerbsCommon.Remove, "ContainerImageTag", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerImage))]
[Alias("Untag-ContainerImage")]
public sealed class RemoveContainerImageTagCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Image", "Reference")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string tag in Tag)
        {
            if (!ShouldProcess(tag)) continue;
            if (Try(tag, engine => engine.RemoveImageTag(tag), out ContainerImage image) && PassThru) WriteObject(image);
        }
    }
}
