using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>The steps that made an image, newest first.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerImageHistory")]
[OutputType(typeof(ContainerImageHistory))]
public sealed class GetContainerImageHistoryCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            if (Try(name, engine => engine.GetImageHistory(name), out IReadOnlyList<ContainerImageHistory> steps))
                WriteObject(steps, enumerateCollection: true);
        }
    }
}
