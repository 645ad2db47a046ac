using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Runtime;
using Microsoft.Extensions.Logging;

namespace DockerPS.Engine.Store;

/// <summary>
/// Removes blobs and layers that no image and no interrupted pull refers to, and what killed sessions left. It works only while no session is open anywhere
/// (it holds the session lock alone), so it cannot meet content that somebody has added and not yet written into the catalogue.
/// </summary>
internal sealed class GarbageCollector(
    StoreLayout layout, CatalogueDatabase catalogue, ContentIndex index, PullRecords pulls, RuntimeVerb runtime, ILogger logger)
{
    /// <summary>Whether a session has left something behind, or a pull was interrupted long ago. Three directory listings.</summary>
    public bool IsNeeded() =>
        Directory.EnumerateFileSystemEntries(layout.Ingest).Any() || Directory.EnumerateFileSystemEntries(layout.LayersTemp).Any()
        || pulls.HasExpired();

    /// <summary>Collects, unless a session is open: then the one that ends last, or the next opening, does it.</summary>
    /// <returns>Whether it was done.</returns>
    public bool TryCollect()
    {
        List<string> trees;
        using (FileLock? held = FileLock.TryTake(layout.SessionLock, shared: false))
        {
            if (held is null) return false;
            trees = CollectLocked();
        }

        // Whole trees have been renamed away; removing them may take long and needs no lock, for nobody uses their names again.
        runtime.RemoveTrees(trees);
        return true;
    }

    private List<string> CollectLocked()
    {
        var blobs = new HashSet<string>();
        var layers = new HashSet<string>();
        using (CatalogueDatabase.Lease lease = catalogue.Rent())
        {
            ImageTable.RemoveUnused(lease);
            foreach (ImageRow row in ImageTable.All(lease, withRemoved: true).Select(image => image.Row).DistinctBy(row => row.Id)) Mark(row, blobs, layers);
            blobs.UnionWith(RepositoryDigestTable.Digests(lease));
        }

        foreach (PullRecord pull in pulls.Current())
        {
            blobs.UnionWith(pull.Blobs);
            layers.UnionWith(pull.Layers);
        }

        index.Write();
        int removed = 0;
        foreach (string algorithm in Directory.EnumerateDirectories(layout.AllBlobs))
            removed += RemoveFiles(algorithm, file => blobs.Contains($"{Path.GetFileName(algorithm)}:{Path.GetFileName(file)}"));

        new CompressedLayers(layout).Keep(blobs);

        // The locks as well: whoever would hold one has a session open.
        RemoveFiles(layout.Partial, file => blobs.Contains(Path.GetFileName(file).Replace('-', ':')));

        List<string> trees = [.. Directory.EnumerateDirectories(layout.LayersTemp)];
        foreach (string lockFile in Directory.EnumerateFiles(layout.LayersTemp)) File.Delete(lockFile);
        foreach (string directory in Directory.EnumerateDirectories(layout.Layers))
        {
            string name = Path.GetFileName(directory);
            if (directory == layout.LayersTemp || layers.Contains("sha256:" + name)) continue;
            string away = Path.Combine(layout.LayersTemp, Guid.NewGuid().ToString("N"));
            Directory.Move(directory, away);
            trees.Add(away);
        }

        foreach (string session in Directory.EnumerateDirectories(layout.Ingest)) Directory.Delete(session, recursive: true);
        GarbageLog.Collected(logger, removed, trees.Count);
        return trees;
    }

    private static int RemoveFiles(string directory, Func<string, bool> isKept)
    {
        int removed = 0;
        foreach (string file in Directory.EnumerateFiles(directory))
        {
            if (isKept(file)) continue;
            File.Delete(file);
            removed++;
        }

        return removed;
    }

    private static void Mark(ImageRow row, HashSet<string> blobs, HashSet<string> layers)
    {
        // Always all of them: one image may have another one's manifest among its content.
        blobs.Add(row.Manifest);
        blobs.Add(row.Id);
        foreach (ImageLayer layer in row.Layers)
        {
            blobs.Add(layer.Blob);
            layers.Add(layer.ChainId);
        }
    }
}

/// <summary>Log messages of <see cref="GarbageCollector"/>.</summary>
internal static partial class GarbageLog
{
    [LoggerMessage(EventId = 210, Level = LogLevel.Debug, Message = "Collected {Blobs} blobs and {Trees} directories of layers.")]
    public static partial void Collected(ILogger logger, int blobs, int trees);
}
