using DockerPS.Engine.Images.Push;
using DockerPS.Engine.Images.Remote;
using DockerPS.Engine.Store;
using DockerPS.Oci.References;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Names of all stored images of a repository.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound: there is none.</exception>
    /// <exception cref="DockerArgumentException">InvalidReference: it is none, or has a tag or digest.</exception>
    public IReadOnlyList<string> GetTags(string repository)
    {
        ImageReference name = ImageStore.ParseName(repository);
        if (name.Tag is not null || name.Digest is not null)
            throw new DockerArgumentException("InvalidReference", $"'{repository}' names one image: for all tags give the repository only, as {name.Repository}.", repository);
        string prefix = name.Repository + ":";
        List<string> tags = [.. Images.References().Where(reference => reference.StartsWith(prefix, StringComparison.Ordinal) && !reference.Contains('@', StringComparison.Ordinal))];
        return tags.Count > 0 ? tags : throw ImageStore.NotFound(repository);
    }

    /// <summary>
    /// Pushes a stored image. What the registry has, also in another repository, is not sent. A repeated push goes on
    /// with the layers that are missing.
    /// </summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound, PlatformNotStored.</exception>
    /// <exception cref="DockerArgumentException">InvalidReference, ImageNameMissing.</exception>
    /// <exception cref="DockerRegistryException">
    /// RegistryUnauthorized, RegistryDenied, RegistryUnreachable, NotARegistry, RegistryCertificateUntrusted, RegistryProxyFailed, RegistryFailed,
    /// RegistryTooManyRequests, CredentialStoreFailed.
    /// </exception>
    public async Task<ContainerImagePush> PushImageAsync(
        ImagePush push, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await new ImagePusher(Images, Registries).PushAsync(push, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not DockerException && StoreErrors.From(e, _options.Root) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Lets a registry check a name and password and keeps them as <c>docker login</c> does.</summary>
    /// <exception cref="DockerRegistryException">RegistryUnauthorized, RegistryUnreachable, NotARegistry, CredentialStoreFailed …</exception>
    /// <exception cref="DockerArgumentException">InvalidRegistry.</exception>
    public Task<ContainerRegistryLogin> LoginAsync(string registry, RegistryAccess access, CancellationToken cancellationToken) =>
        Registries.LoginAsync(registry, access, cancellationToken);

    /// <summary>Forgets a login of Docker's.</summary>
    /// <returns>The file of podman's in which one is left, or null.</returns>
    /// <exception cref="DockerNotFoundException">LoginNotFound.</exception>
    /// <exception cref="DockerRegistryException">CredentialStoreFailed.</exception>
    public async Task<string?> LogoutAsync(string registry, CancellationToken cancellationToken)
    {
        (bool erased, string? remaining) = await Registries.LogoutAsync(registry, cancellationToken).ConfigureAwait(false);
        return erased || remaining is not null ? remaining : throw new DockerNotFoundException(
            "LoginNotFound", $"There is no login for '{registry}'. Logins are kept in {_options.Registry.DockerConfigDirectory}; $env:DOCKER_CONFIG is another place.", registry);
    }

    /// <summary>For completion: registries with a login.</summary>
    public IReadOnlyList<string> GetLogins() => Registries.Logins();

    /// <summary>An image in a registry, told without pulling it.</summary>
    /// <exception cref="DockerRegistryException">The registry refuses, fails or cannot be reached.</exception>
    /// <exception cref="DockerNotFoundException">PlatformNotFound.</exception>
    public Task<ContainerRemoteImage> GetRemoteImageAsync(RemoteImageQuery query, CancellationToken cancellationToken) =>
        new RemoteImages(Registries).GetAsync(query, cancellationToken);

    /// <summary>Tags of a repository in a registry, in the registry's order.</summary>
    /// <exception cref="DockerRegistryException">The registry refuses, fails or cannot be reached; RemoteImageNotFound.</exception>
    public Task<IReadOnlyList<ContainerImageTag>> GetRemoteTagsAsync(TagQuery query, CancellationToken cancellationToken) =>
        new RemoteLists(Registries).TagsAsync(query, cancellationToken);

    /// <summary>Repositories that a registry finds.</summary>
    /// <exception cref="DockerRegistryException">The registry refuses, fails or cannot be reached.</exception>
    /// <exception cref="DockerArgumentException">InvalidRegistry, InvalidSearch.</exception>
    public Task<IReadOnlyList<ContainerImageSearchResult>> FindImagesAsync(ImageSearch search, CancellationToken cancellationToken) =>
        new RemoteLists(Registries).FindAsync(search, cancellationToken);
}
