using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>In what images differ from another: what they run, packages, files.</summary>
[Cmdlet(VerbsData.Compare, "ContainerImage")]
[OutputType(typeof(ContainerImageDifference))]
public sealed class CompareContainerImageCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Reference")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string ReferenceImage { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Image", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string DifferenceImage { get; set; } = "";

    [Parameter]
    public ContainerImageDifferenceType[]? Type { get; set; }

    [Parameter]
    public ContainerChangeKind[]? Kind { get; set; }

    [Parameter]
    [Alias("Path")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Filter { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        (string before, string after) = (ReferenceImage, DifferenceImage);
        WildcardPattern[]? patterns = Filter?.Select(p => new WildcardPattern(p)).ToArray();
        Try(after, (engine, token) => engine.CompareImagesAsync(before, after, Type ?? [], differences =>
        {
            ContainerImageDifference[] wanted =
                [.. differences.Where(d => (Kind is null || Kind.Contains(d.Kind)) && (patterns is null || patterns.Any(p => p.IsMatch(d.Name))))];
            if (wanted.Length > 0) Pump.Post(() => WriteObject(wanted, enumerateCollection: true));
        }, token), out _);
    }
}
