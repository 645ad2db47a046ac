using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using DockerPS.Engine.Compressing;
using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Push;

/// <summary>
/// Brings what manifests name into a repository, several blobs at once; each once, however often it is asked for. Layers that are stored
/// plain are compressed while they are sent, and those in zstd anew where Docker's schema 2 is wanted.
/// </summary>
internal sealed class ManifestPusher(
    ImageStore store, StoreSession session, RegistryUpload upload, ImageReference target, int throttle, IProgress<EngineProgress>? progress)
{
    private const long ProgressStep = 1 << 20;
    private const int BufferLength = 1 << 20;
    private readonly SemaphoreSlim _turns = new(throttle);
    private readonly ConcurrentDictionary<(string Digest, bool Compress), Lazy<Task<Descriptor>>> _blobs = new();

    public PushCounts Counts { get; } = new();

    /// <summary>Config and layers of a manifest.</summary>
    /// <param name="manifest">A manifest of the store.</param>
    /// <param name="form">How the registry is to have it.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>The manifest's bytes as the registry is to have them.</returns>
    /// <exception cref="FormatException">Docker's schema has no word for it.</exception>
    public async Task<byte[]> PushContentAsync(Digest manifest, ManifestForm form, CancellationToken cancellationToken)
    {
        byte[] bytes = store.Blobs.Read(manifest);
        ImageManifest read = JsonSerializer.Deserialize(bytes, ImageSpecJson.Default.ImageManifest)!;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Descriptor[] layers = [.. read.Layers ?? []];
        foreach (Descriptor layer in layers.Where(layer => !StaysWithItsMaker(layer))) progress?.Report(new EngineProgress(Digest.Parse(layer.Digest).Hex[..12], "Waiting", 0, layer.Size));
        var tasks = new Task<Descriptor>[layers.Length + 1];
        // The longest first, so that it is not the one for which all wait in the end.
        foreach (int i in Enumerable.Range(0, layers.Length).OrderByDescending(i => layers[i].Size)) tasks[i] = OnceAsync(layers[i], IsCompressed(layers[i], form), stop);
        tasks[^1] = OnceAsync(read.Config!, compress: false, stop);
        Descriptor[] pushed = await Together.AllAsync(tasks).ConfigureAwait(false);
        bool same = pushed.Zip([.. layers, read.Config!]).All(pair => pair.First.Digest == pair.Second.Digest);
        if (same && form != ManifestForm.Docker) return bytes;
        read.Layers = [.. pushed[..^1]];
        return JsonSerializer.SerializeToUtf8Bytes(form == ManifestForm.Docker ? DockerSchema.Of(read) : read, ImageSpecJson.Writing.ImageManifest);
    }

    private static bool IsCompressed(Descriptor layer, ManifestForm form) => form switch
    {
        ManifestForm.Stored => false,
        ManifestForm.Docker => MediaTypes.IsPlainLayer(layer.MediaType) || layer.MediaType == MediaTypes.LayerZstd,
        _ => MediaTypes.IsPlainLayer(layer.MediaType),
    };

    private Task<Descriptor> OnceAsync(Descriptor blob, bool compress, CancellationTokenSource stop) =>
        _blobs.GetOrAdd((blob.Digest, compress), _ => new Lazy<Task<Descriptor>>(() => PushAsync(blob, compress, stop))).Value;

    private async Task<Descriptor> PushAsync(Descriptor blob, bool compress, CancellationTokenSource stop)
    {
        await _turns.WaitAsync(stop.Token).ConfigureAwait(false);
        try
        {
            if (StaysWithItsMaker(blob)) return blob;
            return compress
                ? await CompressAsync(blob, stop.Token).ConfigureAwait(false)
                : await SendAsync(blob, stop.Token).ConfigureAwait(false);
        }
        catch
        {
            // The others have no use any more.
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Who made it alone distributes it.</summary>
    private static bool StaysWithItsMaker(Descriptor blob) => MediaTypes.IsForeignLayer(blob.MediaType) && blob.Urls is { Count: > 0 };

    private async Task<Descriptor> SendAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        Digest digest = Digest.Parse(blob.Digest);
        // Of layers only: a config is too small to be shown.
        string? item = MediaTypes.IsConfig(blob.MediaType) ? null : digest.Hex[..12];
        if (!store.Blobs.Has(digest)) throw Missing(blob.Digest);
        var source = new BlobSource(blob.Digest, store.Blobs.LengthOf(digest), offset => OpenBlob(digest, offset));
        BlobPush how = await upload.PushAsync(
            source, Elsewhere(blob.Digest), Report(item, "Pushing", source.Size), cancellationToken).ConfigureAwait(false);
        Finish(item, how, source.Size);
        return blob;
    }

    private async Task<Descriptor> CompressAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        Digest plain = Digest.Parse(blob.Digest);
        string item = plain.Hex[..12];
        if (!store.Blobs.Has(plain)) throw Missing(blob.Digest);
        if (store.Compressed.Find(plain) is { } known && await IsThereAsync(known, blob.Digest, cancellationToken).ConfigureAwait(false) is { } how)
        {
            Finish(item, how, known.Size);
            return Compressed(blob, known);
        }

        Action<long> report = Report(item, "Pushing", store.Blobs.LengthOf(plain));
        (Digest digest, long size) = await upload.StreamAsync(
            // A thread of its own: the pool has few, and those compress.
            (target, token) => Task.Factory.StartNew(
                () => Compress(plain, MediaTypes.IsPlainLayer(blob.MediaType), target, report, token), token,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default),
            cancellationToken).ConfigureAwait(false);
        var compressed = new CompressedLayer(digest.ToString(), size);
        store.Compressed.Put(session, plain, compressed);
        Finish(item, BlobPush.Uploaded, size);
        return Compressed(blob, compressed);
    }

    /// <summary>On this thread, which waits for those that compress and for the network.</summary>
    private void Compress(Digest digest, bool plain, Stream target, Action<long> report, CancellationToken cancellationToken)
    {
        using FileStream file = OpenBlob(digest, 0);
        using Stream source = plain ? file : new ZstdSharp.DecompressionStream(file);
        using var compressor = new BlockCompressor(target, Compression.Gzip);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            for (int read; (read = source.Read(buffer, 0, BufferLength)) > 0; report(file.Position))
            {
                cancellationToken.ThrowIfCancellationRequested();
                compressor.Write(buffer.AsSpan(0, read));
            }

            compressor.Complete();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<BlobPush?> IsThereAsync(CompressedLayer known, string plain, CancellationToken cancellationToken)
    {
        if (await upload.HasAsync(known.Digest, cancellationToken).ConfigureAwait(false)) return BlobPush.Existing;
        foreach (string repository in Elsewhere(plain))
        {
            if ((await upload.MountAsync(known.Digest, repository, cancellationToken).ConfigureAwait(false)).Mounted) return BlobPush.Mounted;
        }

        return null;
    }

    private static Descriptor Compressed(Descriptor plain, CompressedLayer compressed) => new()
    {
        MediaType = plain.MediaType == MediaTypes.DockerLayer ? MediaTypes.DockerLayerGzip : MediaTypes.LayerGzip,
        Digest = compressed.Digest,
        Size = compressed.Size,
        Annotations = plain.Annotations,
    };

    /// <summary>Other repositories of the registry to which images with this layer belong.</summary>
    private IReadOnlyList<string> Elsewhere(string blob) =>
        [.. store.RepositoriesOf(blob).Select(ImageReference.Parse).Where(other => other.Domain == target.Domain && other.Path != target.Path)
            .Select(other => other.Path).Distinct().Take(MostMounts)];

    private const int MostMounts = 3;

    private FileStream OpenBlob(Digest digest, long offset) => new(
        store.Blobs.PathOf(digest),
        new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan })
    {
        Position = offset,
    };

    private Action<long> Report(string? item, string status, long total)
    {
        long reported = 0;
        return done =>
        {
            if (item is null || (done - reported < ProgressStep && done != total)) return;
            reported = done;
            progress?.Report(new EngineProgress(item, status, done, total));
        };
    }

    private void Finish(string? item, BlobPush how, long size)
    {
        Counts.Add(how, size);
        if (item is not null) progress?.Report(new EngineProgress(item, "Done", size, size));
    }

    private static DockerIntegrityException Missing(string digest) => new(
        "BlobMissing", $"The store has lost {digest}: the image cannot be pushed. Bring it back with Test-ContainerImage -Repair, or pull or import it again.", digest);
}
