using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Conversion;

namespace DockerPS.Module.Commands;

/// <summary>Waits until containers have ended and says how.</summary>
[Cmdlet(VerbsLifecycle.Wait, "Container", DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerExit))]
public sealed class WaitContainerCommand : ContainersCommand
{
    [Parameter]
    [Seconds("InvalidTimeout")]
    public TimeSpan? Timeout { get; set; }

    // Waiting costs nothing, and one that never ends must not hold up the others.
    private protected override int AtOnce => int.MaxValue;

    private protected override async Task<object?> ActAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken)
    {
        if (Timeout is not { } timeout) return await engine.WaitContainerAsync(container.Id, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            return await engine.WaitContainerAsync(container.Id, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DockerInvalidStateException(
                "ContainerWaitTimeout",
                $"Container '{container.Name}' still runs after {timeout.TotalSeconds:0.###} seconds. Wait longer, or end it with Stop-Container.",
                container);
        }
    }
}
