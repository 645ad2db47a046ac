using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Forgets logins to registries.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "ContainerRegistry", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectContainerRegistryCommand : EngineCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Server")]
    [ArgumentCompleter(typeof(RegistryCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Registry { get; set; } = ["docker.io"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string registry in Registry)
        {
            if (!ShouldProcess(registry, "Log out")) continue;
            if (Try(registry, (engine, token) => engine.LogoutAsync(registry, token), out string? remaining) && remaining is not null)
                WriteWarning($"podman's login to {registry} in '{remaining}' stays and is used. Remove it with podman logout {registry}.");
        }
    }
}
