using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Verifies stored images, and repairs them.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ContainerImage")]
[OutputType(typeof(ContainerImageCheck))]
public sealed class TestContainerImageCommand : RegistryCommand
{
    private readonly HashSet<string> _tested = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    [Parameter]
    public SwitchParameter Repair { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name ?? ["*"])
        {
            if (!Try(name, engine => engine.GetImages(new ImageFilter { Names = [name] }), out IReadOnlyList<ContainerImage> images)) continue;
            // Each is written when it was checked: all may take minutes.
            foreach (ContainerImage image in images)
                if (_tested.Add(image.Id)) Check(image);
        }
    }

    private void Check(ContainerImage image)
    {
        var request = new ImageCheckRequest { Names = [image.Id], Repair = Repair, Access = Access };
        var progress = new ItemProgress(this, "Testing");
        bool done = Try(image.Reference, async (engine, token) =>
        {
            try
            {
                return await engine.TestImagesAsync(request, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out IReadOnlyList<ContainerImageCheck> checks);
        if (done) WriteObject(checks, enumerateCollection: true);
    }
}
