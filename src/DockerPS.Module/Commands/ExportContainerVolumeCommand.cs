using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Writes the data of volumes as tar archives.</summary>
[Cmdlet(VerbsData.Export, "ContainerVolume", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(FileInfo))]
[Alias("Save-ContainerVolume")]
public sealed class ExportContainerVolumeCommand : VolumesCommand
{
    private readonly HashSet<string> _written = [];

    [Parameter(Mandatory = true, Position = 1)]
    [Alias("Destination", "OutFile")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Act(ContainerVolume volume, object target)
    {
        if (FileSystemPaths.Destination(this, Path) is not { } path) return;
        if (path.EndsWith('/') || Directory.Exists(path)) path = System.IO.Path.Join(path, volume.Name + ".tar");
        if (_written.Contains(path))
        {
            WriteError(ErrorRecords.From(new DockerArgumentException(
                "OnePathForSeveral", $"'{path}' was just written of another volume. Give a directory as -Path, which gets a file of each.", target)));
            return;
        }

        if (File.Exists(path) && !Force)
        {
            WriteError(ErrorRecords.From(new DockerConflictException("PathExists", $"'{path}' is there already. Use -Force to replace it, or another path.", path), target));
            return;
        }

        if (!ShouldProcess($"{volume.Name} to {path}", "Export volume")) return;
        var export = new ContainerExport { Path = path, Compression = ArchiveNames.CompressionOf(path), Overwrite = Force };
        var progress = new ItemProgress(this, "Exporting");
        bool done = Try(target, async (engine, token) =>
        {
            try
            {
                return await engine.ExportVolumeAsync(volume.Name, export, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out string written);
        if (!done) return;
        _written.Add(written);
        WriteObject(new FileInfo(written));
    }
}
