using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Removes all networks that no container is connected to; returns them.</summary>
[Cmdlet(VerbsCommon.Clear, "ContainerNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerNetwork))]
[Alias("Clear-ContainerNet")]
public sealed class ClearContainerNetworkCommand : EngineCommand
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Try(null, engine => engine.GetNetworks(new NetworkFilter { Dangling = true }), out IReadOnlyList<ContainerNetwork> unused)) return;
        foreach (ContainerNetwork network in unused)
        {
            if (!ShouldProcess(network.Name)) continue;
            bool done = Try(network, (engine, _) =>
            {
                engine.RemoveNetwork(network.Name);
                return Task.FromResult(true);
            }, out bool _);
            if (done) WriteObject(network);
        }
    }
}
