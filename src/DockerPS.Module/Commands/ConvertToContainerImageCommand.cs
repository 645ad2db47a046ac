using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Makes an image of a container and what it changed.</summary>
[Cmdlet(VerbsData.ConvertTo, "ContainerImage", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerImage))]
[Alias("Commit-Container")]
public sealed class ConvertToContainerImageCommand : ContainersCommand
{
    private ItemProgress? _progress;
    private int _containers;

    [Parameter(Position = 1)]
    [Alias("Tag", "Reference")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ImageName { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Change { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Author { get; set; }

    [Parameter]
    [Alias("Comment")]
    [ValidateNotNullOrEmpty]
    public string? Message { get; set; }

    [Parameter]
    public SwitchParameter Pause { get; set; } = true;

    private protected override int AtOnce => 2;

    private protected override bool Confirm(Container container)
    {
        // The second container would take the name from the first, which then were lost without a word.
        if (ImageName is not null && ++_containers > 1)
        {
            WriteError(ErrorRecords.From(new DockerArgumentException(
                "OneNameForSeveral", $"Only one container becomes '{ImageName}', and '{container.Name}' is another. Convert each with a name of its own.", container)));
            return false;
        }

        return ShouldProcess($"{container.Name} ({container.ShortId})", $"Make image {ImageName ?? "without a name"}");
    }

    private protected override async Task<object?> ActAsync(ContainerEngine engine, Container container, CancellationToken cancellationToken)
    {
        var commit = new ContainerCommit { Name = ImageName, Changes = Change ?? [], Author = Author, Message = Message, Pause = Pause };
        ItemProgress progress = LazyInitializer.EnsureInitialized(ref _progress, () => new ItemProgress(this, "Converting"));
        try
        {
            return await engine.CommitContainerAsync(container.Id, commit, progress, cancellationToken);
        }
        finally
        {
            progress.Complete();
        }
    }
}
