using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Networks as objects, with the containers that are connected to them.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerNetwork")]
[OutputType(typeof(ContainerNetwork))]
[Alias("Get-ContainerNet")]
public sealed class GetContainerNetworkCommand : EngineCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "NetworkId")]
    [ArgumentCompleter(typeof(NetworkNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name is null)
        {
            if (Try(null, engine => engine.GetNetworks([]), out IReadOnlyList<ContainerNetwork> all)) WriteObject(all, enumerateCollection: true);
            return;
        }

        foreach (string name in Name)
        {
            if (Try(name, engine => engine.GetNetworks([name]), out IReadOnlyList<ContainerNetwork> found)) WriteObject(found, enumerateCollection: true);
        }
    }
}
