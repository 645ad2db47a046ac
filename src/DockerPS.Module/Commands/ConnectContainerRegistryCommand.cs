using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Logs in to a registry; docker, podman and skopeo share the login.</summary>
[Cmdlet(VerbsCommunications.Connect, "ContainerRegistry", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerRegistryLogin))]
public sealed class ConnectContainerRegistryCommand : EngineCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Server")]
    [ArgumentCompleter(typeof(RegistryCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Registry { get; set; } = ["docker.io"];

    [Parameter(Mandatory = true, Position = 1)]
    [SecretCredential]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    [Parameter]
    public SwitchParameter Insecure { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var access = new RegistryAccess
        {
            UserName = Credential.UserName.TrimStart('\\'), Password = Credential.GetNetworkCredential().Password, Insecure = Insecure,
        };
        foreach (string registry in Registry)
        {
            if (!ShouldProcess(registry, $"Log in as {access.UserName}")) continue;
            if (Try(registry, (engine, token) => engine.LoginAsync(registry, access, token), out ContainerRegistryLogin login)) WriteObject(login);
        }
    }
}
