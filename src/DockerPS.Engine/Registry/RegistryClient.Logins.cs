using System.Net;
using DockerPS.Engine.Registry.Authorization;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

internal sealed partial class RegistryClient
{
    /// <summary>Lets the registry check a name and password and keeps them, or the token that the registry gives in their place.</summary>
    /// <param name="registry">Host and port, or an address of it.</param>
    /// <param name="access">Name and password.</param>
    /// <param name="cancellationToken">Ends it; nothing is kept then.</param>
    /// <exception cref="DockerRegistryException">RegistryUnauthorized, RegistryUnreachable, NotARegistry, CredentialStoreFailed …</exception>
    /// <exception cref="DockerArgumentException">InvalidRegistry.</exception>
    public async Task<ContainerRegistryLogin> LoginAsync(string registry, RegistryAccess access, CancellationToken cancellationToken)
    {
        ImageReference anything = OfRegistry(registry);
        string name = anything.Domain;
        RegistryEndpoint endpoint = _endpoints.For(anything, access, push: true)[^1];
        RegistrySession session = Session(endpoint, access);
        using (HttpResponseMessage response = await session.SendAsync(new RegistryRequest(HttpMethod.Get, ""), cancellationToken).ConfigureAwait(false))
        {
            if (response.StatusCode is not HttpStatusCode.OK) throw await session.ErrorAsync(response, name, cancellationToken).ConfigureAwait(false);
            if (response.Content.Headers.ContentType?.MediaType == "text/html") throw RegistryErrors.NotARegistry(endpoint, 200, name);
        }

        var credential = new RegistryCredential(access.UserName ?? "", access.Password ?? "");
        Uri root = await session.RootAsync(cancellationToken).ConfigureAwait(false);
        string refresh = await _authorization.RefreshTokenAsync(endpoint, root, credential, access, cancellationToken).ConfigureAwait(false);
        if (refresh.Length > 0) credential = credential with { IdentityToken = refresh };
        string store = await _logins.StoreAsync(name, credential, cancellationToken).ConfigureAwait(false);
        return new ContainerRegistryLogin(name, credential.UserName, store);
    }

    /// <summary>Forgets a login.</summary>
    /// <returns>Whether there was one, and the file of podman's in which one is left.</returns>
    public async Task<(bool Erased, string? Remaining)> LogoutAsync(string registry, CancellationToken cancellationToken)
    {
        string name = OfRegistry(registry).Domain;
        bool erased = await _logins.EraseAsync(name, cancellationToken).ConfigureAwait(false);
        return (erased, _logins.RemainingLogin(name));
    }

    /// <summary>Registries with a login.</summary>
    public IReadOnlyList<string> Logins() => _logins.Registries();

    /// <summary>A name on a registry, from which its endpoints follow.</summary>
    private static ImageReference OfRegistry(string registry)
    {
        string name = RegistryLogins.NameOf(registry.Trim());
        // Without a dot or port it would be read as the beginning of a path.
        if (ImageReference.TryParse($"{name}/any/name", out ImageReference? reference) && reference.Domain == name) return reference;
        throw new DockerArgumentException(
            "InvalidRegistry", $"'{registry}' is not a registry: write its host and port, such as registry.example.com or localhost:5000.", registry);
    }
}
