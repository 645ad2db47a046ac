using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

public sealed partial class GetContainerImageCommand
{
    /// <summary>Asks the registries of the names instead of the store.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Remote")]
    public SwitchParameter Remote { get; set; }

    /// <summary>Of several platforms this one.</summary>
    [Parameter(ParameterSetName = "Remote")]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    /// <summary>Also signatures, attestations and others that refer to it.</summary>
    [Parameter(ParameterSetName = "Remote")]
    public SwitchParameter IncludeReferrers { get; set; }

    private void WriteRemote()
    {
        if (Name is null)
        {
            WriteError(ErrorRecords.From(new DockerArgumentException(
                "ImageNameMissing", "-Remote needs names of images. Find-ContainerImage lists what a registry has.", "Name")));
            return;
        }

        foreach (string name in Name)
        {
            var query = new RemoteImageQuery { Reference = name, Platform = Platform, Referrers = IncludeReferrers, Access = Access };
            if (Try(name, (engine, token) => engine.GetRemoteImageAsync(query, token), out ContainerRemoteImage image)) WriteObject(image);
        }
    }
}
