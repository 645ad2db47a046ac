using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Gives an image further names; an image that had one of them loses it.</summary>
[Cmdlet(VerbsCommon.Add, "ContainerImageTag", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerImage))]
[Alias("Tag-ContainerImage")]
public sealed class AddContainerImageTagCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1)]
    [Alias("NewName")]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string tag in Tag)
        {
            if (!ShouldProcess(Name, $"Add tag {tag}")) continue;
            if (Try(Name, engine => engine.AddImageTag(Name, tag), out ContainerImage image) && PassThru) WriteObject(image);
        }
    }
}
