using System.Management.Automation;
using System.Net;
using System.Security;
using DockerPS.Engine;

namespace DockerPS.Module.Hosting;

/// <summary>Base of the cmdlets that speak to registries.</summary>
public abstract class RegistryCommand : EngineCommand
{
    private protected RegistryCommand()
    {
    }

    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    [Parameter]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    [Parameter]
    public SwitchParameter Insecure { get; set; }

    /// <summary>How the user wants registries to be spoken to.</summary>
    private protected RegistryAccess Access => new()
    {
        UserName = Credential?.UserName,
        Password = Credential?.GetNetworkCredential().Password,
        Token = Token is null ? null : new NetworkCredential("", Token).Password,
        Insecure = Insecure,
    };
}
