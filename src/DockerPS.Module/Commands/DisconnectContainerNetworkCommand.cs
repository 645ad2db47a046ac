using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Disconnects containers, running or not, from a network.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "ContainerNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(Container))]
[Alias("Disconnect-ContainerNet")]
public sealed class DisconnectContainerNetworkCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(NetworkNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Network { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [Alias("ContainerId")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Container { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string container in Container)
        {
            if (!ShouldProcess(container, $"Disconnect from network {Network}")) continue;
            bool done = Try(container, async (engine, token) =>
            {
                await engine.DisconnectNetworkAsync(Network, container, token);
                return engine.GetContainer(container);
            }, out Container after);
            if (done && PassThru) WriteObject(after);
        }
    }
}
