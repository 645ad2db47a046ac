using System.Management.Automation;

namespace DockerPS.Module.Commands;

/// <summary>Disconnects containers, running or not, from a network.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "ContainerNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(Container))]
[Alias("Disconnect-ContainerNet")]
public sealed class DisconnectContainerNetworkCommand : AttachmentsCommand
{
    private protected override string Action => "Disconnect from";

    private protected override bool Act(string container, out object after)
    {
        bool done = Try(container, async (engine, token) =>
        {
            await engine.DisconnectNetworkAsync(Network, container, token);
            return engine.GetContainer(container);
        }, out Container seen);
        after = seen;
        return done;
    }
}
