using System.Collections;
using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Makes volumes of tar archives or directories.</summary>
[Cmdlet(VerbsData.Import, "ContainerVolume", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(ContainerVolume))]
public sealed class ImportContainerVolumeCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Position = 1)]
    [Alias("Volume")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    [Parameter]
    [Pairs("InvalidLabel")]
    public IDictionary? Label { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

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
        string name = Name ?? Bare(System.IO.Path.GetFileName(file.TrimEnd('/')));
        if (!ShouldProcess($"{file} as {name}", "Import volume")) return;
        var labels = Label as IReadOnlyDictionary<string, string> ?? new Dictionary<string, string>();
        bool force = Force;
        var progress = new ItemProgress(this, "Importing");
        bool done = Try(target, async (engine, token) =>
        {
            try
            {
                return await engine.ImportVolumeAsync(name, file, force, labels, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out ContainerVolume volume);
        if (done) WriteObject(volume);
    }

    /// <summary>A file's name without what says that it is an archive.</summary>
    private static string Bare(string file)
    {
        foreach (string ending in (string[])[".tar.gz", ".tar.zst", ".tgz", ".tzst", ".tar"])
            if (file.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return file[..^ending.Length];
        return file;
    }
}
