using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Commands;

/// <summary>Connects containers, running or not, to a network.</summary>
[Cmdlet(VerbsCommunications.Connect, "ContainerNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerNetworkAttachment))]
[Alias("Connect-ContainerNet")]
public sealed class ConnectContainerNetworkCommand : AttachmentsCommand
{
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Alias { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IPAddress { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MacAddress { get; set; }

    private protected override string Action => "Connect to";

    private protected override bool Act(string container, out object after)
    {
        var connection = new NetworkConnection { Aliases = Alias, Addresses = IPAddress, MacAddress = MacAddress };
        bool done = Try(container, (engine, token) => engine.ConnectNetworkAsync(Network, container, connection, token), out ContainerNetworkAttachment made);
        after = made;
        return done;
    }
}
