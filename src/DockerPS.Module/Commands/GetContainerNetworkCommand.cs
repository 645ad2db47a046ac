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
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "NetworkId")]
    [ArgumentCompleter(typeof(NetworkNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Label { get; set; }

    [Parameter]
    public SwitchParameter Dangling { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name is null) Write(null);
        else foreach (string name in Name) Write(name);
    }

    private void Write(string? name)
    {
        var filter = new NetworkFilter { Names = name is null ? [] : [name], Labels = Label ?? [], Dangling = Dangling };
        if (!Try(name, engine => engine.GetNetworks(filter), out IReadOnlyList<ContainerNetwork> found)) return;
        foreach (ContainerNetwork network in found)
        {
            if (_written.Add(network.Name)) WriteObject(network);
        }
    }
}
