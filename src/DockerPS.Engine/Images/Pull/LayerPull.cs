using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Pull;

/// <summary>
/// One layer on its way from the registry into the store: while its blob comes and is hashed and written, a process that is given the same
/// bytes inflates, hashes and unpacks it. Both get their names when both are right.
/// </summary>
internal sealed class LayerPull(
    ImageStore store, RegistryClient registry, ImageReference repository, RegistryAccess access, Descriptor layer, Digest diffId, Digest chainId,
    IProgress<EngineProgress>? progress)
{
    private const int Attempts = 2;
    private const long ProgressStep = 256 << 10;

    private readonly Digest _digest = Digest.Parse(layer.Digest);
    private readonly BlobOrigins _origins = new();
    private long _reported;
    private volatile bool _downloaded;

    public Descriptor Layer => layer;

    private string Item => _digest.Hex[..12];

    /// <summary>Says that the layer belongs to the work that is to come.</summary>
    public void Announce() => Report("Waiting", 0);

    /// <returns>Bytes, unpacked.</returns>
    /// <exception cref="DockerIntegrityException">DigestMismatch, ArchiveInvalid, ArchiveUnsafe, LayerTooLarge.</exception>
    /// <exception cref="DockerRegistryException">The registry cannot give it.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long? size = store.Blobs.Has(_digest) ? store.Layers.SizeOf(chainId) : null;
        for (int attempt = 1; size is null; attempt++)
        {
            using PartialBlob? partial = await PartialBlob.OpenAsync(
                store.Layout, _digest, layer.Size, () => Report("Waiting", 0), cancellationToken).ConfigureAwait(false);
            try
            {
                size = partial is null ? await UnpackStoredAsync(cancellationToken).ConfigureAwait(false)
                    : await FetchAsync(partial, cancellationToken).ConfigureAwait(false);
            }
            catch (DockerIntegrityException e) when (partial is not null && !_downloaded && e.ErrorId is "DigestMismatch" or "SizeMismatch")
            {
                // Once more from the beginning when a mirror is at fault, or when it may be what an earlier pull had left: by a loss of power for one.
                if (!registry.CanAskOthers(_origins, e) && !(e.ErrorId == "DigestMismatch" && partial is { IsResumed: true } && attempt < Attempts)) throw;
                partial!.Clear();
            }
        }

        Report("Done", layer.Size);
        return size.Value;
    }

    /// <summary>Its blob is there: it was of another image, of an interrupted pull, or has just been fetched by somebody else.</summary>
    private Task<long> UnpackStoredAsync(CancellationToken cancellationToken)
    {
        _downloaded = true;
        return store.Layers.EnsureAsync(
            new ArchiveFile(store.Blobs.PathOf(_digest), 0, store.Blobs.LengthOf(_digest)), diffId, chainId, _digest == diffId,
            () => Task.CompletedTask, Unpacking, cancellationToken);
    }

    private async Task<long> FetchAsync(PartialBlob blob, CancellationToken cancellationToken)
    {
        if (store.Layers.SizeOf(chainId) is { } known)
        {
            await DownloadAsync(blob, cancellationToken).ConfigureAwait(false);
            return known;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task download = DownloadAsync(blob, stop.Token);
        Task<long> unpacking = store.Layers.EnsureGrowingAsync(blob.Growth, diffId, chainId, _digest == diffId, () => download, Unpacking, stop.Token);
        await Task.WhenAny(download, unpacking).ConfigureAwait(false);
        try
        {
            // An archive that seems damaged or evil may only follow from a blob that is, and then that is what is told.
            if (unpacking.Exception?.InnerException is not (null or DockerIntegrityException))
                await unpacking.ConfigureAwait(false);
            await download.ConfigureAwait(false);
            return await unpacking.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)unpacking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await download.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DownloadAsync(PartialBlob blob, CancellationToken cancellationToken)
    {
        Report("Downloading", blob.Length);
        await registry.ReadBlobAsync(
            repository, layer, blob.Length, _origins,
            async (bytes, token) =>
            {
                await blob.AppendAsync(bytes, token).ConfigureAwait(false);
                if (blob.Length - _reported >= ProgressStep) Report("Downloading", blob.Length);
            },
            access, cancellationToken).ConfigureAwait(false);
        await blob.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _downloaded = true;
    }

    private void Unpacking(long done)
    {
        // Both go on at once, and the one that everybody waits for is shown.
        if (_downloaded) Report("Unpacking", done);
    }

    private void Report(string status, long done)
    {
        _reported = done;
        progress?.Report(new EngineProgress(Item, status, done, layer.Size));
    }
}
