using DockerPS.Engine.Catalogue;
using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Store;

internal sealed partial class ImageStore
{
    /// <summary>Images that may be removed, oldest first, each with what becomes free when those before it are gone.</summary>
    public IReadOnlyList<PrunableImage> Prunable(ImagePrune prune)
    {
        List<NamedImage> all = All(withRemoved: true);
        ContentReferences references = References(all);
        HashSet<string> used = InUse();
        var filter = new ImageFilter { Dangling = !prune.Unused, Before = prune.Before, Labels = prune.Labels };
        return [.. Filter([.. all.Where(image => !image.Row.Removed)], filter)
            .GroupBy(image => image.Row.Id)
            .Where(image => !used.Contains(image.Key))
            .OrderBy(image => image.First().Row.Created)
            .Select(image => new PrunableImage(
                image.Key, [.. image.Select(i => i.Reference).OfType<string>()], references.Release(image.First().Row)))];
    }

    /// <summary>What nothing refers to, and what interrupted pulls have when it is not to be kept.</summary>
    public UnreferencedContent Unreferenced(bool withPulls)
    {
        ContentReferences references = References(All(withRemoved: true));
        long bytes = 0;
        int items = 0;
        void Add(long length)
        {
            bytes += length;
            items++;
        }

        if (!withPulls) foreach (PullRecord pull in Pulls.Peek()) references.Keep([.. pull.Blobs, .. pull.Layers.Select(ContentReferences.Layer)]);
        foreach (string algorithm in Directory.EnumerateDirectories(_layout.AllBlobs))
            foreach (var blob in new DirectoryInfo(algorithm).EnumerateFiles())
                if (!references.Has($"{Path.GetFileName(algorithm)}:{blob.Name}")) Add(blob.Length);
        foreach (var blob in new DirectoryInfo(_layout.Partial).EnumerateFiles())
            if (!references.Has(blob.Name.Replace('-', ':')) && !blob.Name.EndsWith(".lock", StringComparison.Ordinal)) Add(blob.Length);
        foreach (string directory in Directory.EnumerateDirectories(_layout.Layers))
        {
            string chain = "sha256:" + Path.GetFileName(directory);
            if (directory != _layout.LayersTemp && !references.Has(ContentReferences.Layer(chain))) Add(Digest.TryParse(chain, out Digest digest) ? Layers.SizeOf(digest) ?? 0 : 0);
        }

        return new UnreferencedContent(items, bytes);
    }

    /// <summary>Each image with its bytes on the disk, those that others have, and whether it is in use; and all of them together.</summary>
    public (IReadOnlyList<ContainerStorageItem> Items, long Size, long Reclaimable) Usage()
    {
        List<NamedImage> all = All(withRemoved: true);
        ContentReferences references = References(all);
        HashSet<string> used = InUse();
        List<IGrouping<string, NamedImage>> images = [.. all.GroupBy(image => image.Row.Id)];
        long size = references.Total;
        List<ContainerStorageItem> items = [.. images.Select(image => new ContainerStorageItem
        {
            Name = image.First().Reference ?? "<none>",
            Id = image.Key,
            Created = image.First().Row.Created,
            Size = references.SizeOf(image.First().Row),
            SharedSize = references.SharedBy(image.First().Row),
            InUse = used.Contains(image.Key),
        })];
        long reclaimable = images.Where(image => !used.Contains(image.Key)).Sum(image => references.Release(image.First().Row));
        return (items, size, reclaimable);
    }

    private ContentReferences References(List<NamedImage> images)
    {
        var references = new ContentReferences(blob => CompressedLength(blob) ?? 0);
        foreach (ImageRow row in images.Select(image => image.Row).DistinctBy(row => row.Id)) references.Add(row);
        return references;
    }

    /// <summary>Ids of images that containers or mounts use.</summary>
    private HashSet<string> InUse()
    {
        HashSet<string> used = [.. Mounts.List().Select(mount => mount.ImageId)];
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        using Microsoft.Data.Sqlite.SqliteCommand command = lease.Command("SELECT image_id FROM containers UNION SELECT image_id FROM mounted_images");
        using Microsoft.Data.Sqlite.SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read()) used.Add(reader.GetString(0));
        return used;
    }
}
