using System.Collections;
using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Makes an image of the host's own executables, of a directory, or of both.</summary>
[Cmdlet(VerbsCommon.New, "ContainerImage", SupportsShouldProcess = true, DefaultParameterSetName = "HostCommand")]
[OutputType(typeof(ContainerImage))]
public sealed class NewContainerImageCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Tag")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "HostCommand")]
    [Parameter(ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string[]? HostCommand { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LiteralPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Command { get; set; }

    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Entrypoint { get; set; }

    [Parameter]
    [Environment]
    [AllowEmptyCollection]
    public string[]? Environment { get; set; }

    [Parameter]
    [Pairs("InvalidLabel")]
    public IDictionary? Label { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? ExposedPort { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Volume { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    [ValidateNotNullOrEmpty]
    public string? StopSignal { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string? directory = null;
        if (ParameterSetName == "Path")
        {
            if (FileSystemPaths.Resolve(this, Path!, literal: true) is not [string found]) return;
            directory = found;
        }
        if (!ShouldProcess(Name, "Create image")) return;
        var recipe = new ImageRecipe
        {
            Name = Name,
            HostCommands = HostCommand ?? [],
            Path = directory,
            Config = new ContainerImageConfiguration
            {
                Command = Command ?? [],
                Entrypoint = Entrypoint ?? [],
                Environment = Environment ?? [],
                Labels = Label as Dictionary<string, string> ?? [],
                User = User ?? "",
                WorkingDirectory = WorkingDirectory ?? "",
                ExposedPorts = [.. (ExposedPort ?? []).Select(port => port.Contains('/') ? port : port + "/tcp")],
                Volumes = Volume ?? [],
                StopSignal = StopSignal ?? "",
            },
        };
        var progress = new ItemProgress(this, "Making");
        bool done = Try(Name, async (engine, token) =>
        {
            try
            {
                return await engine.CreateImageAsync(recipe, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out ContainerImage image);
        if (done) WriteObject(image);
    }
}
