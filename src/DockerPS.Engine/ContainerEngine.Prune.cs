using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Store;
using DockerPS.Engine.Volumes;

namespace DockerPS.Engine;

/// <summary>Which images <see cref="ContainerEngine.GetPrunableImages"/> returns.</summary>
public sealed record ImagePrune
{
    /// <summary>All that no container and no mount uses; else only those without a name.</summary>
    public bool Unused { get; init; }

    /// <summary>Only images that were created earlier.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary><c>key</c> or <c>key=value</c>; all must be there.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}

/// <summary>An image that may be removed.</summary>
/// <param name="Id">Of the image.</param>
/// <param name="Names">Its names.</param>
/// <param name="Size">Bytes that become free when it goes after those before it.</param>
public sealed record PrunableImage(string Id, IReadOnlyList<string> Names, long Size);

/// <summary>Content that no image refers to.</summary>
/// <param name="Items">Blobs and layers.</param>
/// <param name="Size">Bytes.</param>
public sealed record UnreferencedContent(int Items, long Size);

public sealed partial class ContainerEngine
{
    /// <summary>Images that nobody uses, oldest first. Changes nothing.</summary>
    public IReadOnlyList<PrunableImage> GetPrunableImages(ImagePrune prune) => Images.Prunable(prune);

    /// <summary>What interrupted pulls and killed sessions left. Changes nothing.</summary>
    public UnreferencedContent GetUnreferencedContent() => Images.Unreferenced(withPulls: true);

    /// <summary>Removes images that are still not in use; those that somebody took meanwhile stay.</summary>
    /// <param name="images">Of <see cref="GetPrunableImages"/>, all or some.</param>
    /// <param name="prune">As it was asked for there.</param>
    public IReadOnlyList<ContainerImageRemoval> PruneImages(IReadOnlyList<PrunableImage> images, ImagePrune prune)
    {
        IReadOnlyList<ImageRow> removed = Images.Prune([.. images.Select(image => image.Id)], prune.Unused);
        var removals = new List<ContainerImageRemoval>();
        foreach (PrunableImage image in images.Where(image => removed.Any(row => row.Id == image.Id)))
        {
            removals.AddRange(image.Names.Select(name => new ContainerImageRemoval(name, Deleted: false)));
            removals.Add(new ContainerImageRemoval(image.Id, Deleted: true) { Size = image.Size });
        }

        return removals;
    }

    /// <summary>Removes what no image refers to, with what interrupted pulls have. What running ones have stays.</summary>
    /// <returns>Bytes that became free.</returns>
    public long RemoveUnreferencedContent()
    {
        long before = Images.Unreferenced(withPulls: true).Size;
        Images.Pulls.Drop();
        Images.CollectGarbage();
        return Math.Max(0, before - Images.Unreferenced(withPulls: true).Size);
    }

    /// <summary>How much space images, containers, volumes and remains take.</summary>
    public async Task<IReadOnlyList<ContainerStorageUsage>> MeasureStorageAsync(CancellationToken cancellationToken)
    {
        (IReadOnlyList<ContainerStorageItem> images, long size, long reclaimable) = Images.Usage();
        UnreferencedContent remains = Images.Unreferenced(withPulls: true);
        return
        [
            new() { Type = ContainerStorageType.Images, Size = size, Reclaimable = reclaimable, Items = images },
            Sum(ContainerStorageType.Containers, await MeasureContainersAsync(cancellationToken).ConfigureAwait(false)),
            Sum(ContainerStorageType.Volumes, await MeasureVolumesAsync(cancellationToken).ConfigureAwait(false)),
            new()
            {
                Type = ContainerStorageType.Remains,
                Size = remains.Size,
                Reclaimable = remains.Size,
                Items = remains.Items == 0 ? [] : [new ContainerStorageItem { Name = $"{remains.Items} blobs and layers", Size = remains.Size }],
            },
        ];
    }

    private static ContainerStorageUsage Sum(ContainerStorageType type, IReadOnlyList<ContainerStorageItem> items) => new()
    {
        Type = type,
        Size = items.Sum(item => item.Size),
        Reclaimable = items.Where(item => !item.InUse).Sum(item => item.Size),
        Items = items,
    };

    /// <summary>What containers wrote into their own layer and their log.</summary>
    private async Task<IReadOnlyList<ContainerStorageItem>> MeasureContainersAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Container> containers = GetContainers(new ContainerFilter { All = true });
        IReadOnlyList<long> layers = await Images.Runtime.MeasureTreesAsync([.. containers.Select(c => DirectoryOf(c.Id).Upper)], cancellationToken)
            .ConfigureAwait(false);
        return [.. containers.Zip(layers, (container, bytes) => new ContainerStorageItem
        {
            Name = container.Name,
            Id = container.Id,
            Created = container.Created,
            Size = bytes + (new FileInfo(DirectoryOf(container.Id).Log) is { Exists: true, Length: var log } ? log : 0),
            InUse = container.State is ContainerState.Running or ContainerState.Paused,
        })];
    }

    private async Task<IReadOnlyList<ContainerStorageItem>> MeasureVolumesAsync(CancellationToken cancellationToken)
    {
        List<VolumeRow> volumes;
        Dictionary<string, List<string>> users;
        using (CatalogueDatabase.Lease lease = Catalogue.Rent())
        {
            volumes = VolumeTable.All(lease);
            users = VolumeTable.Users(lease);
        }

        IReadOnlyList<long> bytes = await Images.Runtime.MeasureTreesAsync(
            [.. volumes.Select(volume => new VolumeDirectory(_options, volume.Name).Root)], cancellationToken).ConfigureAwait(false);
        return [.. volumes.Zip(bytes, (volume, size) => new ContainerStorageItem
        {
            Name = volume.Name, Created = volume.Created, Size = size, InUse = users.ContainsKey(volume.Name),
        })];
    }
}
