using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.HelloWorld;
using DockerPS.Engine.Images.Pull;
using DockerPS.Engine.Images.Verification;
using DockerPS.Engine.Store;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

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

    /// <summary>Names of all images that a registry has in a repository.</summary>
    /// <exception cref="DockerArgumentException">InvalidReference: it is none, or has a tag or digest.</exception>
    /// <exception cref="DockerRegistryException">The registry refuses, fails or cannot be reached.</exception>
    public async Task<IReadOnlyList<string>> GetRemoteNamesAsync(string repository, RegistryAccess access, CancellationToken cancellationToken)
    {
        ImageReference name = ImageStore.ParseName(repository);
        if (name.Tag is not null || name.Digest is not null)
            throw new DockerArgumentException("InvalidReference", $"'{repository}' names one image: for all tags give the repository only, as {name.Repository}.", repository);
        return [.. (await Registries.ListTagsAsync(name, access, cancellationToken).ConfigureAwait(false)).Select(tag => $"{name.Repository}:{tag}")];
    }

    /// <summary>
    /// Reads all that is stored of images, hashes it, and says of each what is damaged or missing; with <see cref="ImageCheckRequest.Repair"/>
    /// it is fetched or unpacked again. An image of several names is checked once.
    /// </summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound: a literal name names nothing.</exception>
    public async Task<IReadOnlyList<ContainerImageCheck>> TestImagesAsync(
        ImageCheckRequest request, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        var checks = new List<ContainerImageCheck>();
        foreach (NamedImage image in Images.List(request.Names, dangling: false).DistinctBy(image => image.Row.Id))
        {
            var checker = new ImageChecker(Images, Registries, request, progress);
            checks.Add(await Task.Run(() => checker.CheckAsync(image, cancellationToken), cancellationToken).ConfigureAwait(false));
        }

        return checks;
    }

    /// <summary>Removes what interrupted pulls have brought; running ones go on.</summary>
    /// <returns>How many there were.</returns>
    public int DropInterruptedPulls()
    {
        int dropped = Images.Pulls.Drop();
        Images.CollectGarbage();
        return dropped;
    }

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
