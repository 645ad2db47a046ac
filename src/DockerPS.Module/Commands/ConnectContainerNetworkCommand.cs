using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Connects containers, running or not, to a network.</summary>
[Cmdlet(VerbsCommunications.Connect, "ContainerNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerNetworkAttachment))]
[Alias("Connect-ContainerNet")]
public sealed class ConnectContainerNetworkCommand : EngineCommand
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
    [ValidateNotNullOrEmpty]
    public string[] Alias { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IPAddress { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MacAddress { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var connection = new NetworkConnection { Aliases = Alias, Addresses = IPAddress, MacAddress = MacAddress };
        foreach (string container in Container)
        {
            if (!ShouldProcess(container, $"Connect to network {Network}")) continue;
            if (Try(container, (engine, token) => engine.ConnectNetworkAsync(Network, container, connection, token), out ContainerNetworkAttachment made)
                && PassThru)
                WriteObject(made);
        }
    }
}
