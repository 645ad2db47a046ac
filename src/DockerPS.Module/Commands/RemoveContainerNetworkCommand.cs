using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Removes networks that no container is connected to.</summary>
[Cmdlet(VerbsCommon.Remove, "ContainerNetwork", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerNetwork))]
[Alias("Remove-ContainerNet")]
public sealed class RemoveContainerNetworkCommand : NetworksCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool MayBeMissing => Force;

    private protected override void Act(ContainerNetwork network, object target)
    {
        if (!ShouldProcess(network.Name)) return;
        if (Try(target, (engine, _) => Remove(engine, network.Name), out bool _) && PassThru) WriteObject(network);
    }

    private static Task<bool> Remove(ContainerEngine engine, string name)
    {
        engine.RemoveNetwork(name);
        return Task.FromResult(true);
    }
}
