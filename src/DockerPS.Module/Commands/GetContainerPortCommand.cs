using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Commands;

/// <summary>The ports of running containers that this machine publishes; each knows its container by a property <c>Container</c>, the name.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerPort", DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerPort))]
public sealed class GetContainerPortCommand : ContainersCommand
{
    [Parameter(Position = 1)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    private protected override bool Confirm(Container container)
    {
        foreach (ContainerPort port in container.Ports.Where(p => Port is null || p.Port == Port))
        {
            var shown = PSObject.AsPSObject(port);
            // No part of what a port is: two containers may have the same.
            shown.Properties.Add(new PSNoteProperty("Container", container.Name));
            WriteObject(shown);
        }

        return false;
    }

    private protected override Task<object?> ActAsync(ContainerEngine engine, Container container, CancellationToken cancellationToken) => Task.FromResult<object?>(null);
}
