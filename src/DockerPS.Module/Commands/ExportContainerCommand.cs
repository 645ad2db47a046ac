using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Writes the files of a container as a tar.</summary>
[Cmdlet(VerbsData.Export, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(FileInfo))]
public sealed class ExportContainerCommand : EngineCommand
{
    private readonly HashSet<string> _written = [];

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "ContainerId")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "Container", ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ValidateNotNull]
    public Container? Container { get; set; }

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Destination", "OutFile", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    public ContainerArchiveCompression? Compression { get; set; }

    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        object target = (object?)Container ?? Name;
        string asked = Container?.Id ?? Name;
        if (!Try(target, engine => engine.GetContainer(asked), out Container container)) return;
        if (FileSystemPaths.Destination(this, Path) is not { } path) return;
        if (!_written.Add(path))
        {
            WriteError(ErrorRecords.From(new DockerArgumentException(
                "OnePathForSeveral", $"'{path}' was just written of another container. Export each to a path of its own: -Path {{ \"$($_.Name).tar\" }}.", target)));
            return;
        }

        if (!ShouldProcess($"{container.Name} ({container.ShortId})", $"Export to {path}")) return;
        var export = new ContainerExport { Path = path, Compression = Compression ?? ArchiveNames.CompressionOf(path), Overwrite = !NoClobber };
        var progress = new ItemProgress(this, "Exporting");
        bool done = Try(target, async (engine, token) =>
        {
            try
            {
                return await engine.ExportContainerAsync(container.Id, export, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out string written);
        if (done && PassThru) WriteObject(InvokeProvider.Item.Get([written], force: true, literalPath: true), enumerateCollection: true);
    }
}
