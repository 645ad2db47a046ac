using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Publishes ports of containers, and others no more, while they run.</summary>
[Cmdlet(VerbsCommon.Set, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
public sealed class SetContainerCommand : SilentContainersCommand
{
    [Parameter]
    [Ports]
    public ContainerPort[] Publish { get; set; } = [];

    [Parameter]
    [Ports]
    public ContainerPort[] Unpublish { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Publish.Length == 0 && Unpublish.Length == 0)
            ThrowTerminatingError(ErrorRecords.From(new DockerArgumentException("NothingToSet", "There is nothing to set. Name ports with -Publish or -Unpublish.", null), null));
    }

    private protected override bool Confirm(Container container)
    {
        IEnumerable<string> changes = [.. Unpublish.Select(port => $"Unpublish {port}"), .. Publish.Select(port => $"Publish {port}")];
        return ShouldProcess($"{container.Name} ({container.ShortId})", string.Join(", ", changes));
    }

    private protected override Task<Container> ChangeAsync(ContainerEngine engine, Container container, CancellationToken cancellationToken) =>
        engine.ChangePortsAsync(container.Id, Publish, Unpublish, cancellationToken);
}
