using DockerPS.Engine.Images;

namespace DockerPS.Engine;

/// <summary>Which images to return.</summary>
public sealed record ImageFilter
{
    /// <summary>References, ids, id prefixes or patterns with <c>*</c> and <c>?</c>; empty returns all. A literal one that names nothing throws.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Only images without a name.</summary>
    public bool Dangling { get; init; }

    /// <summary>Also images that were removed by force and stay for the containers that use them.</summary>
    public bool All { get; init; }

    /// <summary><c>key</c> or <c>key=value</c>; all must be there.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Only images that were created earlier.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Only images that were created later.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>What <see cref="ContainerEngine.ImportImagesAsync"/> reads.</summary>
public sealed record ImageImport
{
    /// <summary>File or directory: docker archive, OCI layout, or root file system tar.</summary>
    public required string Path { get; init; }

    /// <summary>Name for the (single) image; needed for a root file system, over the archive's names otherwise.</summary>
    public string? Name { get; init; }

    /// <summary>Dockerfile instructions applied to a root file system's config (<c>CMD ["sh"]</c>).</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}

/// <summary>What <see cref="ContainerEngine.CreateImageAsync"/> makes an image of: host commands, or a directory.</summary>
public sealed record ImageRecipe
{
    public required string Name { get; init; }

    /// <summary>Names or paths of executables of the host; each with its loader and libraries.</summary>
    public IReadOnlyList<string> HostCommands { get; init; } = [];

    /// <summary>Directory of the host that becomes the root; may be joined with <see cref="HostCommands"/>.</summary>
    public string? Path { get; init; }

    public ContainerImageConfiguration Config { get; init; } = new();
}

public sealed partial class ContainerEngine
{
    /// <summary>Images by filter, newest first, one for each name.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound: a literal name names nothing.</exception>
    public IReadOnlyList<ContainerImage> GetImages(ImageFilter filter) => Images.Present(filter);

    /// <summary>The one image of a reference or id prefix; <c>hello-world</c> is made when it is not stored.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    /// <exception cref="DockerConflictException">ImageAmbiguous.</exception>
    public async Task<ContainerImage> ResolveImageAsync(string name, CancellationToken cancellationToken) =>
        (await Images.RunnableAsync(name, cancellationToken).ConfigureAwait(false)).Image;

    /// <summary>
    /// Imports all images of a file or directory. All or nothing for each image; the failure of one ends the import and keeps those before
    /// it. Importing again what is there costs little.
    /// </summary>
    /// <exception cref="DockerNotFoundException">ImportPathNotFound, PlatformNotFound.</exception>
    /// <exception cref="DockerIntegrityException">
    /// UnknownArchiveFormat, ArchiveInvalid, ArchiveUnsafe, LayerTooLarge, DigestMismatch.
    /// </exception>
    /// <exception cref="DockerArgumentException">InvalidReference, InvalidChange.</exception>
    /// <exception cref="DockerEnvironmentException">PermissionDenied, StoreFull, StoreUnavailable.</exception>
    public async Task<IReadOnlyList<ContainerImage>> ImportImagesAsync(
        ImageImport import, IProgress<EngineProgress>? progress, CancellationToken cancellationToken) =>
        [.. (await new ImageImporter(Images, _options).ImportAsync(import, progress, cancellationToken).ConfigureAwait(false))
            .Select(image => image.ToImage())];

    /// <summary>Makes an image of host executables or a directory; the same input gives the same digest.</summary>
    /// <exception cref="DockerArgumentException">HostCommandNotFound, HostLibraryNotFound, InvalidImageConfig, InvalidReference.</exception>
    /// <exception cref="DockerNotFoundException">ImportPathNotFound.</exception>
    /// <exception cref="DockerEnvironmentException">PermissionDenied, StoreFull, StoreUnavailable.</exception>
    public async Task<ContainerImage> CreateImageAsync(
        ImageRecipe recipe, IProgress<EngineProgress>? progress, CancellationToken cancellationToken) =>
        (await new ImageMaker(Images, _options).MakeAsync(recipe, progress, cancellationToken).ConfigureAwait(false)).ToImage();

    /// <summary>Removes a name, and with the last name the image and what only it used.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    /// <exception cref="DockerConflictException">ImageInUse, ImageHasSeveralNames, unless <paramref name="force"/>; ImageAmbiguous.</exception>
    public IReadOnlyList<ContainerImageRemoval> RemoveImage(string name, bool force) => Images.Remove(name, force);

    /// <summary>Gives an image a further name; an image that had it loses it.</summary>
    public ContainerImage AddImageTag(string name, string tag) => Images.AddTag(name, tag).ToImage();

    /// <summary>Takes a name from an image; the image stays, also without a name.</summary>
    public ContainerImage RemoveImageTag(string tag) => Images.RemoveTag(tag).ToImage();

    /// <summary>Newest step first, as Docker prints it.</summary>
    public IReadOnlyList<ContainerImageHistory> GetImageHistory(string name) => Images.History(name);

    /// <summary>For completion: names of images.</summary>
    public IReadOnlyList<string> GetImageNames() => Images.References();
}
