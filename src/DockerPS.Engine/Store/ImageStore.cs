using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.HelloWorld;
using DockerPS.Engine.Runtime;
using DockerPS.Oci.References;
using Microsoft.Extensions.Logging;

namespace DockerPS.Engine.Store;

/// <summary>Images: blobs as an OCI image layout, unpacked layers, and their rows in the catalogue.</summary>
internal sealed partial class ImageStore
{
    private readonly EngineOptions _options;
    private readonly CatalogueDatabase _catalogue;
    private readonly ILogger _logger;
    private readonly StoreLayout _layout;
    private readonly ContentIndex _index;
    private readonly GarbageCollector _garbage;

    public ImageStore(EngineOptions options, CatalogueDatabase catalogue, ILogger logger)
    {
        _options = options;
        _catalogue = catalogue;
        _logger = logger;
        _layout = new StoreLayout(options.Root);
        Runtime = new RuntimeVerb(options.RuntimePath, logger);
        Blobs = new BlobStore(_layout);
        Compressed = new CompressedLayers(_layout);
        Layers = new LayerStore(_layout, Runtime, options);
        _index = new ContentIndex(_layout, catalogue);
        Pulls = new PullRecords(_layout, options.InterruptedPullLifetime);
        Mounts = new ImageMounts(_layout, Runtime);
        _garbage = new GarbageCollector(_layout, catalogue, _index, Pulls, Runtime, logger);
        try
        {
            _layout.Create();
            if (!File.Exists(_layout.Index)) _index.Write();
            Reconcile();
        }
        catch (Exception e) when (StoreErrors.From(e, options.Root) is { } error)
        {
            throw error;
        }
    }

    public BlobStore Blobs { get; }

    public LayerStore Layers { get; }

    public CompressedLayers Compressed { get; }

    public RuntimeVerb Runtime { get; }

    /// <summary>What running and interrupted pulls want.</summary>
    public PullRecords Pulls { get; }

    public ImageMounts Mounts { get; }

    public StoreLayout Layout => _layout;

    /// <summary>The image of a reference, id or id prefix, ready to run; <c>hello-world</c> is made when it is not stored.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    /// <exception cref="DockerConflictException">ImageAmbiguous.</exception>
    public Task<RunnableImage> RunnableAsync(string reference, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Find(reference) is { } found) return Task.FromResult(Runnable(found));
        return HelloWorldImage.IsMeant(reference) ? MakeHelloWorldAsync(cancellationToken) : throw NotFound(reference);
    }

    /// <summary>The image of a container's row (<c>image_id</c>), also when its name was removed by force meanwhile.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    public RunnableImage RunnableById(string imageId)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        List<NamedImage> images = ImageTable.ById(lease, imageId, withRemoved: true);
        return images.Count > 0 ? Runnable(images[0]) : throw NotFound(imageId);
    }

    /// <summary>As above: its row, and its layers' directories, topmost first.</summary>
    public (ImageRow Row, IReadOnlyList<string> Layers) OfContainer(string imageId)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        List<NamedImage> images = ImageTable.ById(lease, imageId, withRemoved: true);
        return images.Count > 0 ? (images[0].Row, Runnable(images[0]).LayerDirectories) : throw NotFound(imageId);
    }

    /// <summary>Calls with the layers of an image while nobody can remove it.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    public void WhileStored(string name, Action<NamedImageLayers> found)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        using Microsoft.Data.Sqlite.SqliteTransaction transaction = lease.BeginWrite();
        found(LayersOf(name));
    }

    /// <summary>An image with its layers; a session keeps them while they are read.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    public NamedImageLayers LayersOf(string name)
    {
        NamedImage image = Find(name) ?? throw NotFound(name);
        return new NamedImageLayers(image.Row.Id, image.ToImage().Reference, Runnable(image).LayerDirectories);
    }

    /// <summary>To be called after a container's row was removed: an image that was removed by force while the container used it goes now.</summary>
    public void Release(string imageId)
    {
        using (CatalogueDatabase.Lease lease = _catalogue.Rent())
        {
            List<NamedImage> images = ImageTable.ById(lease, imageId, withRemoved: true);
            if (images.Count == 0 || !images[0].Row.Removed || ImageTable.Users(lease, imageId).Count > 0) return;
        }

        CollectGarbage();
    }

    /// <summary>On opening: removes what killed imports left. Costs two directory listings when nothing is left.</summary>
    private void Reconcile()
    {
        if (_garbage.IsNeeded()) _garbage.TryCollect();
    }

    /// <summary>
    /// Removes what nothing refers to. When a session is open somewhere, it leaves a sign instead, and the next opening does it.
    /// </summary>
    public void CollectGarbage()
    {
        if (_garbage.TryCollect()) return;
        using FileLock held = FileLock.Take(_layout.SessionLock, shared: true);
        Directory.CreateDirectory(Path.Combine(_layout.Ingest, "garbage"));
    }

    public StoreSession OpenSession() => StoreSession.Open(_layout);

    public RunnableImage Runnable(NamedImage found)
    {
        var directories = new string[found.Row.Layers.Count];
        for (int i = 0; i < directories.Length; i++) directories[^(i + 1)] = _layout.LayerDirectory(found.Row.Layers[i].ChainId);
        return new RunnableImage(found.ToImage(), directories);
    }

    private async Task<RunnableImage> MakeHelloWorldAsync(CancellationToken cancellationToken) =>
        Runnable(await HelloWorldImage.CreateAsync(this, _options, cancellationToken).ConfigureAwait(false));

    internal static DockerNotFoundException NotFound(string name) => new(
        "ImageNotFound",
        $"No image '{name}' is stored. List what there is with Get-ContainerImage; bring one in with Request-ContainerImage or "
        + "Import-ContainerImage -Path ARCHIVE, or make one of this machine's programs with New-ContainerImage -Name NAME -HostCommand sh, ls.",
        name);

    /// <summary>Parses a name as a user gave it.</summary>
    /// <exception cref="DockerArgumentException">InvalidReference.</exception>
    internal static ImageReference ParseName(string name)
    {
        try
        {
            return ImageReference.Parse(name);
        }
        catch (InvalidReferenceException e)
        {
            throw new DockerArgumentException("InvalidReference", e.Message, name, e);
        }
    }
}
