using System.Management.Automation;
using DockerPS.Module.Completion;

namespace DockerPS.Module.Commands;

/// <summary>Makes a container of an image without starting it.</summary>
[Cmdlet(VerbsCommon.New, "Container", SupportsShouldProcess = true)]
[OutputType(typeof(Container))]
[Alias("Create-Container")]
public sealed class NewContainerCommand : ContainerSpecCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Reference")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public override string Image { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!TryMakeSpec(interactive: false, out ContainerSpec spec)) return;
        if (!ShouldProcess(Image, "Create container")) return;
        if (Try(Image, (engine, token) => CreateAsync(engine, spec, token), out Container container)) WriteObject(container);
    }
}
