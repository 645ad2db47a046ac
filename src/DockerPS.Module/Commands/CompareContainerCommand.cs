using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Commands;

/// <summary>The files that containers changed, added and deleted in their images.</summary>
[Cmdlet(VerbsData.Compare, "Container", DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerChange))]
public sealed class CompareContainerCommand : ContainersCommand
{
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    [Parameter]
    public ContainerChangeKind[]? Kind { get; set; }

    // One after the other, so that each comes out whole.
    private protected override int AtOnce => 1;

    private protected override bool Confirm(Container container) => true;

    private protected override async Task<object?> ActAsync(ContainerEngine engine, Container container, CancellationToken cancellationToken)
    {
        WildcardPattern[]? patterns = Path?.Select(p => new WildcardPattern(p)).ToArray();
        await engine.CompareContainerAsync(container.Id, changes =>
        {
            ContainerChange[] wanted =
                [.. changes.Where(c => (Kind is null || Kind.Contains(c.Kind)) && (patterns is null || patterns.Any(p => p.IsMatch(c.Path))))];
            if (wanted.Length > 0) Pump.Post(() => WriteObject(wanted, enumerateCollection: true));
        }, cancellationToken);
        return null;
    }
}
