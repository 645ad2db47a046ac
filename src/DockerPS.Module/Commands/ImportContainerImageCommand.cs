using System.Collections.ObjectModel;
using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Stores the images of archives and layouts.</summary>
[Cmdlet(VerbsData.Import, "ContainerImage", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(ContainerImage))]
[Alias("Load-ContainerImage")]
public sealed class ImportContainerImageCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Change { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string path in ParameterSetName == "Path" ? Path : LiteralPath)
        {
            foreach (string file in FileSystemPaths.Resolve(this, path, literal: ParameterSetName != "Path")) Import(file, path);
        }
    }

    private void Import(string file, string target)
    {
        if (!ShouldProcess(file, "Import images")) return;
        var import = new ImageImport { Path = file, Name = Name, Changes = Change ?? [] };
        var progress = new ItemProgress(this, "Importing");
        bool done = Try(target, async (engine, token) =>
        {
            try
            {
                return await engine.ImportImagesAsync(import, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out IReadOnlyList<ContainerImage> images);
        if (done) WriteObject(images, enumerateCollection: true);
    }
}
