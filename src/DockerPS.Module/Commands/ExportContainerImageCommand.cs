using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Writes images into one archive that docker, podman and others read.</summary>
[Cmdlet(VerbsData.Export, "ContainerImage", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(FileInfo), typeof(DirectoryInfo))]
[Alias("Save-ContainerImage")]
public sealed class ExportContainerImageCommand : EngineCommand
{
    private readonly List<string> _names = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1)]
    [Alias("Destination", "OutFile", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    public ContainerImageFormat Format { get; set; }

    [Parameter]
    public ContainerArchiveCompression? Compression { get; set; }

    [Parameter]
    public SwitchParameter AsDirectory { get; set; }

    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            // Looked up now, so that a wrong name is its own error and the others are exported.
            var filter = new ImageFilter { Names = [name] };
            if (Try(name, engine => engine.GetImages(filter), out IReadOnlyList<ContainerImage> found) && found.Count > 0) _names.Add(name);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_names.Count == 0 || FileSystemPaths.Destination(this, Path) is not { } path) return;
        if (!ShouldProcess(path, $"Export {string.Join(", ", _names)}")) return;
        var export = new ImageExport
        {
            Names = _names,
            Path = path,
            Format = Format,
            Compression = Compression ?? ArchiveNames.CompressionOf(path),
            AsDirectory = AsDirectory,
            Overwrite = !NoClobber,
        };
        var progress = new ItemProgress(this, "Exporting");
        bool done = Try(Path, async (engine, token) =>
        {
            try
            {
                return await engine.ExportImagesAsync(export, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out string written);
        if (done && PassThru) WriteObject(InvokeProvider.Item.Get([written], force: true, literalPath: true), enumerateCollection: true);
    }
}
