using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;

namespace DockerPS.Module.Commands;

/// <summary>Sends a signal to the first process of containers.</summary>
[Cmdlet(VerbsCommunications.Send, "ContainerSignal", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(Container))]
[Alias("Kill-Container")]
public sealed class SendContainerSignalCommand : SilentContainersCommand
{
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(SignalCompleter))]
    [ValidateNotNullOrEmpty]
    public string Signal { get; set; } = "SIGKILL";

    private protected override bool Confirm(Container container) =>
        ShouldProcess($"{container.Name} ({container.ShortId})", $"Send {Signal}");

    private protected override async Task<Container> ChangeAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken)
    {
        await engine.SendSignalAsync(container.Id, Signal, cancellationToken);
        return PassThru ? engine.GetContainer(container.Id) : container;
    }
}
