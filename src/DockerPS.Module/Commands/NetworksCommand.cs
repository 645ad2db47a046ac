using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Base of the verbs that take many networks: by name, pattern, id, id prefix or object.</summary>
public abstract class NetworksCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "NetworkId")]
    [ArgumentCompleter(typeof(NetworkNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Network", ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ValidateNotNull]
    public ContainerNetwork[] Network { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Network")
        {
            foreach (ContainerNetwork network in Network) Act(network, network);
            return;
        }

        foreach (string name in Name)
        {
            if (!Try(name, engine => engine.GetNetworks(new NetworkFilter { Names = [name] }), out IReadOnlyList<ContainerNetwork> found)) continue;
            foreach (ContainerNetwork network in found) Act(network, name);
        }
    }

    /// <summary>Does the verb to one network.</summary>
    /// <param name="network">It.</param>
    /// <param name="target">What the user named it by.</param>
    private protected abstract void Act(ContainerNetwork network, object target);
}
