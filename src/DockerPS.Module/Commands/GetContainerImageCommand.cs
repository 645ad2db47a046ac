using System.Collections;
using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Stored images as objects, one for each name; or what registries say of images.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerImage", DefaultParameterSetName = "Stored")]
[OutputType(typeof(ContainerImage), ParameterSetName = ["Stored"])]
[OutputType(typeof(ContainerRemoteImage), ParameterSetName = ["Remote"])]
public sealed partial class GetContainerImageCommand : RegistryCommand
{
    private readonly HashSet<(string, string)> _written = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    [Parameter(ParameterSetName = "Stored")]
    public SwitchParameter All { get; set; }

    [Parameter(ParameterSetName = "Stored")]
    public SwitchParameter Dangling { get; set; }

    [Parameter(ParameterSetName = "Stored")]
    [Pairs("InvalidLabel")]
    public IDictionary? Label { get; set; }

    [Parameter(ParameterSetName = "Stored")]
    [ImageInstant("InvalidBefore")]
    public DateTimeOffset? Before { get; set; }

    [Parameter(ParameterSetName = "Stored")]
    [ImageInstant("InvalidSince")]
    public DateTimeOffset? Since { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Remote)
        {
            WriteRemote();
            return;
        }

        if (Name is null)
        {
            Write(null, Filter([]));
            return;
        }
        foreach (string name in Name) Write(name, Filter([name]));
    }

    private ImageFilter Filter(IReadOnlyList<string> names) => new()
    {
        Names = names, All = All, Dangling = Dangling, Labels = ImageLabels.Of(Label), Before = Before, Since = Since,
    };

    private void Write(string? name, ImageFilter filter)
    {
        if (!Try(name, engine => engine.GetImages(filter), out IReadOnlyList<ContainerImage> found)) return;
        foreach (ContainerImage image in found)
        {
            if (_written.Add((image.Id, image.Reference))) WriteObject(image);
        }
    }
}
