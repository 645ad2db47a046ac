using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.HelloWorld;
using DockerPS.Engine.Images.Pull;
using DockerPS.Engine.Store;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Brings an image of a registry into the store; what is there already is not fetched. All or nothing; what an interrupted pull brought is
    /// kept for its repetition.
    /// </summary>
    /// <returns>The image; of all platforms each, the one that this machine runs first.</returns>
    /// <exception cref="DockerArgumentException">InvalidReference, InvalidPlatform, ImageTypeNotSupported.</exception>
    /// <exception cref="DockerNotFoundException">PlatformNotFound.</exception>
    /// <exception cref="DockerRegistryException">The registry refuses, fails or cannot be reached.</exception>
    /// <exception cref="DockerIntegrityException">DigestMismatch, ManifestInvalid, ArchiveInvalid, ArchiveUnsafe, LayerTooLarge.</exception>
    /// <exception cref="DockerEnvironmentException">PermissionDenied, StoreFull, StoreUnavailable.</exception>
    public async Task<IReadOnlyList<ContainerImage>> PullImagesAsync(
        ImagePull pull, IProgress<EngineProgress>? progress, CancellationToken cancellationToken) =>
        [.. (await new ImagePuller(Images, _options, Registries).PullAsync(pull, progress, cancellationToken).ConfigureAwait(false))
            .Select(image => image.ToImage())];

    /// <summary>The image that a container is to be made of, brought from its registry when the policy says so.</summary>
    private async Task<RunnableImage> ImageOfAsync(
        string name, ContainerImageSource source, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        Platform? platform = source.Platform is null ? null : PlatformName.Parse(source.Platform);
        if (source.Policy != ContainerImagePullPolicy.Always)
        {
            if (Images.Find(name, platform) is { } stored) return Images.Runnable(stored);
            bool builtIn = platform is null && HelloWorldImage.IsMeant(name);
            if (source.Policy == ContainerImagePullPolicy.Never || builtIn) return await Images.RunnableAsync(name, cancellationToken).ConfigureAwait(false);
        }

        var pull = new ImagePull { Reference = name, Platform = source.Platform, Access = source.Access };
        IReadOnlyList<NamedImage> pulled = await new ImagePuller(Images, _options, Registries).PullAsync(pull, progress, cancellationToken).ConfigureAwait(false);
        return Images.Runnable(pulled[0]);
    }
}
