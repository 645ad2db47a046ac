using System.Management.Automation;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Writes the data of volumes as tar archives.</summary>
[Cmdlet(VerbsData.Export, "ContainerVolume", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(FileInfo))]
[Alias("Save-ContainerVolume")]
public sealed class ExportContainerVolumeCommand : VolumesCommand
{
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("Destination", "OutFile")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Act(ContainerVolume volume, object target)
    {
        string path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path, out ProviderInfo provider, out _);
        if (provider.Name != "FileSystem")
        {
            WriteError(ErrorRecords.From(new DockerArgumentException("PathNotFileSystem", $"'{Path}' is a path of {provider.Name}. Give a path of the file system.", Path)));
            return;
        }

        if (Directory.Exists(path)) path = System.IO.Path.Join(path, volume.Name + ".tar");
        if (File.Exists(path) && !Force)
        {
            WriteError(ErrorRecords.From(new DockerConflictException("PathExists", $"'{path}' is there already. Use -Force to replace it, or another path.", path), target));
            return;
        }

        if (!ShouldProcess($"{volume.Name} to {path}", "Export volume")) return;
        var progress = new ItemProgress(this, "Exporting");
        bool done = Try(target, async (engine, token) =>
        {
            try
            {
                await engine.ExportVolumeAsync(volume.Name, path, progress, token);
                return true;
            }
            finally
            {
                progress.Complete();
            }
        }, out _);
        if (done) WriteObject(new FileInfo(path));
    }
}
