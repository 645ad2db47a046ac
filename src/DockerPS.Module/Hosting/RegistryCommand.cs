using System.Management.Automation;
using System.Net;
using System.Security;
using DockerPS.Engine;
using DockerPS.Module.Conversion;

namespace DockerPS.Module.Hosting;

/// <summary>Base of the cmdlets that speak to registries: who the user is, and whether a network without TLS is safe.</summary>
public abstract class RegistryCommand : EngineCommand
{
    private protected RegistryCommand()
    {
    }

    /// <summary>Login for this command only.</summary>
    [Parameter]
    [SecretCredential]
    public PSCredential? Credential { get; set; }

    /// <summary>A bearer token, over a login.</summary>
    [Parameter]
    [Secret]
    public SecureString? Token { get; set; }

    /// <summary>Plain HTTP, or certificates that nobody vouches for.</summary>
    [Parameter]
    public SwitchParameter Insecure { get; set; }

    /// <summary>The parameters as the engine takes them.</summary>
    private protected RegistryAccess Access => new()
    {
        UserName = Credential?.UserName.TrimStart('\\'),
        Password = Credential?.GetNetworkCredential().Password,
        Token = Token is null ? null : new NetworkCredential("", Token).Password,
        Insecure = Insecure,
    };
}
