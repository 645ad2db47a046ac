using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Gives a container another name, also while it runs.</summary>
[Cmdlet(VerbsCommon.Rename, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
public sealed class RenameContainerCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "ContainerId")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "Container", ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ValidateNotNull]
    public Container? Container { get; set; }

    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string NewName { get; set; } = "";

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        object target = ParameterSetName == "Container" ? Container! : Name;
        string name = ParameterSetName == "Container" ? Container!.Id : Name;
        if (!Try(target, engine => engine.GetContainer(name), out Container found)) return;
        if (!ShouldProcess($"{found.Name} ({found.ShortId})", $"Rename to {NewName}")) return;
        if (Try(target, engine => engine.RenameContainer(found.Id, NewName), out Container renamed) && PassThru) WriteObject(renamed);
    }
}
