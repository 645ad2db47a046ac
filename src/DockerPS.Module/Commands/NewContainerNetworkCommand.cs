using System.Collections;
using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Makes networks, each with a subnet of its own.</summary>
[Cmdlet(VerbsCommon.New, "ContainerNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerNetwork))]
[Alias("New-ContainerNet", "Create-ContainerNetwork")]
public sealed class NewContainerNetworkCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    [Parameter]
    public ContainerNetworkDriver Driver { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Subnet { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Gateway { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IPRange { get; set; } = [];

    [Parameter]
    public SwitchParameter IPv6 { get; set; }

    [Parameter]
    public SwitchParameter Internal { get; set; }

    [Parameter]
    [Pairs("InvalidLabel")]
    public IDictionary? Label { get; set; }

    [Parameter]
    [Pairs("InvalidNetworkOption", ValueRequired = true)]
    public IDictionary? Option { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            if (!ShouldProcess(name, "Create network")) continue;
            var request = new NetworkRequest
            {
                Name = name,
                Driver = Driver,
                Subnets = Subnet,
                Gateways = Gateway,
                Ranges = IPRange,
                IPv6 = IPv6,
                Internal = Internal,
                Labels = Label as Dictionary<string, string> ?? [],
                Options = Option as Dictionary<string, string> ?? [],
            };
            if (Try(name, engine => engine.CreateNetwork(request), out ContainerNetwork made)) WriteObject(made);
        }
    }
}
