using System.Globalization;
using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Microsoft.Win32.SafeHandles;

namespace DockerPS.Engine.Images;

/// <summary>
/// Brings an image into the store: blobs are copied and verified, and each layer is unpacked from the same archive meanwhile; it gets its
/// name when both are done and right. The image's row is written last.
/// </summary>
internal sealed class ImageWriter(ImageStore store, StoreSession session, IProgress<EngineProgress>? progress)
{
    private const int CopiesAtOnce = 2;
    private const long ProgressStep = 8 << 20;
    private readonly SemaphoreSlim _copies = new(CopiesAtOnce);
    private readonly Dictionary<(string Path, long Offset), Task<StoredBlob>> _blobs = [];

    private sealed record StoredBlob(Digest Digest, long Length, Compression Compression);

    /// <returns>The image under each of its names, or once without.</returns>
    public async Task<IReadOnlyList<NamedImage>> WriteAsync(StagedImage image, CancellationToken cancellationToken)
    {
        Digest id = Digest.Of(image.Config);
        if (store.Complete(id.ToString()) is { } row) return store.Commit(session, row, image.Names);
        ImageConfig config = ImageSpecReader.Config(image.Config);
        List<Digest> diffIds = [.. (config.Rootfs?.DiffIds ?? []).Select(Digest.Parse)];
        if (diffIds.Count != image.Layers.Count)
            throw ArchiveErrors.Invalid($"The image {id}", $"its config lists {diffIds.Count} layers and its manifest {image.Layers.Count}");
        LayerLimit.Check(diffIds.Count, image.Names.Count > 0 ? image.Names[0].Familiar : id.ToString());
        IReadOnlyList<Digest> chainIds = Digest.ChainIds(diffIds);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new Task<(StoredBlob Blob, long Size)>[diffIds.Count];

        // The longest first, so that it is not the one for which all wait in the end.
        foreach (int i in Enumerable.Range(0, tasks.Length).OrderByDescending(i => image.Layers[i].File?.Length ?? 0))
            tasks[i] = AddLayerAsync(image.Layers[i], diffIds[i], chainIds[i], stop);
        (StoredBlob Blob, long Size)[] layers = await Together.AllAsync(tasks).ConfigureAwait(false);

        store.Blobs.Put(session, image.Config);
        byte[] manifest = image.Manifest ?? MakeManifest(id, image.Config.Length, layers.Select(layer => layer.Blob));
        ImageRow added = ImageConfigurations.ToRow(config, id.ToString(), [.. layers.Select((layer, i) => new ImageLayer(
            diffIds[i].ToString(), chainIds[i].ToString(), layer.Blob.Digest.ToString(), layer.Size))]) with
        {
            Manifest = store.Blobs.Put(session, manifest).ToString(),
            ManifestSize = manifest.Length,
        };
        return store.Commit(session, added, image.Names);
    }

    /// <summary>Stores a blob of which nothing is known beforehand.</summary>
    public async Task<(Digest Digest, Compression Compression)> AddBlobAsync(
        ArchiveFile file, string label, CancellationToken cancellationToken)
    {
        StoredBlob blob = await CopyAsync(file, null, label, label, readSoon: true, cancellationToken).ConfigureAwait(false);
        return (blob.Digest, blob.Compression);
    }

    private async Task<(StoredBlob Blob, long Size)> AddLayerAsync(
        StagedLayer layer, Digest diffId, Digest chainId, CancellationTokenSource stop)
    {
        try
        {
            string item = diffId.Hex[..12];
            Task<StoredBlob> stored = AddLayerBlobAsync(layer, diffId, item, stop.Token);
            (StoredBlob blob, long size) = layer.File is { } file && !stored.IsCompleted
                ? await UnpackMeanwhileAsync(file, layer, stored, diffId, chainId, item, stop).ConfigureAwait(false)
                : await UnpackStoredAsync(layer, await stored.ConfigureAwait(false), diffId, chainId, item, stop.Token).ConfigureAwait(false);
            progress?.Report(new EngineProgress(item, "Done", blob.Length, blob.Length));
            return (blob, size);
        }
        catch
        {
            // The others have no use any more.
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Unpacks a layer whose blob is in the store.</summary>
    private async Task<(StoredBlob Blob, long Size)> UnpackStoredAsync(
        StagedLayer layer, StoredBlob blob, Digest diffId, Digest chainId, string item, CancellationToken cancellationToken)
    {
        CheckPlain(layer, blob, diffId);
        bool verified = blob.Compression == Compression.None && blob.Digest == diffId;
        return (blob, await store.Layers.EnsureAsync(
            new ArchiveFile(store.Blobs.PathOf(blob.Digest), 0, blob.Length), diffId, chainId, verified, () => Task.CompletedTask,
            Unpacking(item, blob.Length), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Unpacks a layer from the archive from which its blob is being copied: both read the same pages at about the same time.</summary>
    private async Task<(StoredBlob Blob, long Size)> UnpackMeanwhileAsync(
        ArchiveFile file, StagedLayer layer, Task<StoredBlob> stored, Digest diffId, Digest chainId, string item, CancellationTokenSource stop)
    {
        bool verified = file.Compression() == Compression.None && (layer.Blob ?? diffId) == diffId;
        DateTime modified = File.GetLastWriteTimeUtc(file.Path);
        Task<long> unpacking = store.Layers.EnsureAsync(
            file, diffId, chainId, verified, ConfirmAsync, Unpacking(item, file.Length), stop.Token);
        try
        {
            // Its error comes first: it tells of the archive what an error of unpacking only follows from.
            CheckPlain(layer, await stored.ConfigureAwait(false), diffId);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)unpacking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return (await stored.ConfigureAwait(false), await unpacking.ConfigureAwait(false));

        async Task ConfirmAsync()
        {
            CheckPlain(layer, await stored.ConfigureAwait(false), diffId);
            // What was hashed is what was unpacked only when nobody wrote it meanwhile.
            if (File.GetLastWriteTimeUtc(file.Path) != modified) throw ArchiveErrors.Invalid($"'{file.Path}'", "it was changed while it was imported");
        }
    }

    private Action<long> Unpacking(string item, long length) =>
        done => progress?.Report(new EngineProgress(item, "Unpacking", done, length));

    private static void CheckPlain(StagedLayer layer, StoredBlob blob, Digest diffId)
    {
        if (blob.Compression == Compression.None && diffId.Algorithm == blob.Digest.Algorithm && blob.Digest != diffId)
            throw BlobStore.Mismatch(layer.Label, diffId, blob.Digest.ToString());
    }

    private Task<StoredBlob> AddLayerBlobAsync(StagedLayer layer, Digest diffId, string item, CancellationToken cancellationToken)
    {
        if (layer.File is not { } file)
        {
            return layer.Blob is { } digest && store.Blobs.Has(digest)
                ? Task.FromResult(Describe(digest))
                : throw ArchiveErrors.Invalid($"'{layer.Label}'", "it is not in the archive");
        }

        // Before its file is looked at: one of the session's moved into the store when an image before this one had it.
        lock (_blobs)
        {
            if (_blobs.TryGetValue((file.Path, file.Offset), out Task<StoredBlob>? earlier)) return earlier;
        }

        // An uncompressed layer's diff id is its digest: what is stored under it needs no second copy.
        Digest? expected = layer.Blob ?? (file.Compression() == Compression.None ? diffId : null);
        if (expected is { } known && store.Blobs.Has(known) && store.Blobs.LengthOf(known) == file.Length)
            return Task.FromResult(Describe(known));
        lock (_blobs)
        {
            if (!_blobs.TryGetValue((file.Path, file.Offset), out Task<StoredBlob>? copy))
                _blobs[(file.Path, file.Offset)] = copy = CopyAsync(file, expected, layer.Label, item, readSoon: false, cancellationToken);
            return copy;
        }
    }

    private async Task<StoredBlob> CopyAsync(
        ArchiveFile file, Digest? expected, string label, string item, bool readSoon, CancellationToken cancellationToken)
    {
        if (file.Staged is { } staged && (expected is null || expected.Value.Algorithm == staged.Algorithm))
        {
            if (expected is { } wanted && wanted != staged) throw BlobStore.Mismatch(label, wanted, staged.ToString());
            store.Blobs.Adopt(file.Path, staged);
            return Describe(staged);
        }

        await _copies.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A thread of its own: the pool has few, and others wait for them meanwhile.
            return Describe(await Task.Factory.StartNew(
                () => Copy(file, expected, label, item, readSoon, cancellationToken), cancellationToken,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).ConfigureAwait(false));
        }
        finally
        {
            _copies.Release();
        }
    }

    private Digest Copy(ArchiveFile file, Digest? expected, string label, string item, bool readSoon, CancellationToken cancellationToken)
    {
        long reported = 0;
        using SafeFileHandle source = file.Open();
        return store.Blobs.Copy(session, source, file.Offset, file.Length, expected, label, readSoon, done =>
        {
            if (done - reported < ProgressStep && done != file.Length) return;
            reported = done;
            progress?.Report(new EngineProgress(item, "Copying", done, file.Length));
        }, cancellationToken);
    }

    private StoredBlob Describe(Digest digest)
    {
        long length = store.Blobs.LengthOf(digest);
        return new StoredBlob(digest, length, new ArchiveFile(store.Blobs.PathOf(digest), 0, length).Compression());
    }

    private static byte[] MakeManifest(Digest config, long configLength, IEnumerable<StoredBlob> layers) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new ImageManifest
            {
                MediaType = MediaTypes.Manifest,
                Config = new Descriptor { MediaType = MediaTypes.Config, Digest = config.ToString(), Size = configLength },
                Layers = [.. layers.Select(layer => new Descriptor
                {
                    MediaType = MediaTypes.LayerOf(layer.Compression),
                    Digest = layer.Digest.ToString(),
                    Size = layer.Length,
                })],
            },
            ImageSpecJson.Writing.ImageManifest);
}
