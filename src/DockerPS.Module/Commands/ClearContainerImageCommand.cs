using System.Collections;
using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Removes images that nobody uses, and what interrupted pulls left.</summary>
[Cmdlet(VerbsCommon.Clear, "ContainerImage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ContainerImageRemoval))]
public sealed class ClearContainerImageCommand : EngineCommand
{
    [Parameter]
    [Alias("All")]
    public SwitchParameter Unused { get; set; }

    [Parameter]
    [ImageInstant("InvalidBefore")]
    public DateTimeOffset? Before { get; set; }

    [Parameter]
    [Pairs("InvalidLabel")]
    public IDictionary? Label { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var prune = new ImagePrune { Unused = Unused, Before = Before, Labels = ImageLabels.Of(Label) };
        if (!Try(null, engine => engine.GetPrunableImages(prune), out IReadOnlyList<PrunableImage> images)) return;
        List<PrunableImage> wanted = [.. images.Where(Confirm)];
        if (wanted.Count > 0
            && Try(null, (engine, _) => Task.FromResult(engine.PruneImages(wanted, prune)), out IReadOnlyList<ContainerImageRemoval> removed))
        {
            WriteObject(removed, enumerateCollection: true);
        }

        // What belongs to no image has neither a time nor labels.
        if (Before is not null || Label is not null || !Try(null, engine => engine.GetUnreferencedContent(), out UnreferencedContent remains)) return;
        if (remains.Items == 0 || !ShouldProcess($"{remains.Items} blobs and layers of no image", $"Remove, which frees {new ByteSize(remains.Size)}")) return;
        if (Try(null, (engine, _) => Task.FromResult(engine.RemoveUnreferencedContent()), out long freed) && freed > 0)
            WriteObject(new ContainerImageRemoval("content of no image", Deleted: true) { Size = freed });
    }

    private bool Confirm(PrunableImage image)
    {
        string id = image.Id[7..19];
        string target = image.Names.Count == 0 ? id : $"{string.Join(", ", image.Names)} ({id})";
        return ShouldProcess(target, $"Remove image, which frees {new ByteSize(image.Size)}");
    }
}
