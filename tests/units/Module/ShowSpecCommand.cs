using System.Management.Automation;
using DockerPS.Module.Commands;

namespace DockerPS.Units.Module;

/// <summary>Writes what the shared parameters become, where New-Container would hand it to the engine.</summary>
[Cmdlet(VerbsCommon.Show, "Spec")]
public sealed class ShowSpecCommand : ContainerSpecCommand
{
    [Parameter(Mandatory = true, Position = 0)]
    public override string Image { get; set; } = "";

    protected override void ProcessRecord()
    {
        if (TryMakeSpec(interactive: false, out ContainerSpec spec)) WriteObject(spec);
    }
}
