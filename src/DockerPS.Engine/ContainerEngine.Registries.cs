using DockerPS.Engine.Images.Push;
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
}
