using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Copies files and directories between the host and containers: CONTAINER:PATH as docker cp, or -FromContainer and -ToContainer.</summary>
[Cmdlet(VerbsCommon.Copy, "ContainerItem", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(ContainerItemCopy))]
[Alias("Copy-ContainerFile")]
public sealed class CopyContainerItemCommand : EngineCommand
{
    private bool _copied;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ContainerPathCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(ContainerPathCompleter))]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    [Parameter]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string? FromContainer { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ToContainer { get; set; }

    [Parameter]
    [Alias("L")]
    public SwitchParameter FollowLink { get; set; }

    [Parameter]
    [Alias("a")]
    public SwitchParameter Archive { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        (string? to, string target) = Split(Destination, ToContainer);
        string[] paths = ParameterSetName == "Path" ? Path : LiteralPath;
        bool literal = ParameterSetName != "Path";
        foreach (string path in paths)
        {
            (string? from, string source) = Split(path, FromContainer);
            if (from is null && to is null)
            {
                WriteError(ErrorRecords.From(new DockerArgumentException(
                    "NoContainer", $"Neither '{path}' nor '{Destination}' is in a container. Write CONTAINER:PATH for one, or use -FromContainer or -ToContainer. Copy-Item copies on the host.", path)));
                continue;
            }

            if ((from is null && source == "-") || (to is null && target == "-"))
            {
                WriteError(ErrorRecords.From(new DockerArgumentException(
                    "StreamNotSupported", "'-' is a stream of docker cp, and PowerShell's pipelines carry none. Name a file or directory; one that is called so is ./-.", path)));
                continue;
            }

            string? place = to is null ? FileSystemPaths.Destination(this, target) : target;
            if (place is null) continue;
            if (from is not null)
            {
                Copy(path, new ItemCopy { From = from, To = to, Source = source, Target = place, Wildcards = !literal, Several = paths.Length > 1 || _copied });
                continue;
            }

            // As docker cp: what is in the present directory, not itself.
            string end = source == "." || source.EndsWith("/.", StringComparison.Ordinal) ? "/." : source.EndsWith('/') ? "/" : "";
            IReadOnlyList<string> found = FileSystemPaths.Resolve(this, source != "." && end.Length > 0 && source.Length > end.Length ? source[..^end.Length] : source, literal);
            foreach (string file in found)
                Copy(path, new ItemCopy { From = null, To = to, Source = file + end, Target = place, Several = found.Count > 1 || paths.Length > 1 || _copied });
        }
    }

    private void Copy(string path, ItemCopy copy)
    {
        copy = copy with { FollowLink = FollowLink, Archive = Archive };
        string target = copy.To is null ? copy.Target : $"{copy.To}:{copy.Target}";
        if (!ShouldProcess($"{(copy.From is null ? copy.Source : $"{copy.From}:{copy.Source}")} to {target}", "Copy")) return;
        var progress = new ItemProgress(this, "Copying");
        bool done = Try(path, async (engine, token) =>
        {
            try
            {
                return await engine.CopyItemAsync(copy, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out IReadOnlyList<ContainerItemCopy> items);
        if (!done) return;
        // What comes next through the pipeline must not take the place of a file that came before.
        _copied = true;
        if (PassThru) WriteObject(items, enumerateCollection: true);
    }

    /// <summary>Container and path; a drive of PowerShell, and what begins with a slash, a dot or a tilde, is the host's.</summary>
    private (string? Container, string Path) Split(string path, string? given)
    {
        if (given is not null) return (given, path);
        int colon = path.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || path.Length == colon + 1 || path.AsSpan(0, colon).ContainsAny('/', '\\') || !char.IsAsciiLetterOrDigit(path[0])) return (null, path);
        if (path.AsSpan(colon).StartsWith("::", StringComparison.Ordinal)) return (null, path);
        string name = path[..colon];
        bool drive = SessionState.Drive.GetAll().Any(d => string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase));
        return drive ? (null, path) : (name, path[(colon + 1)..]);
    }
}
