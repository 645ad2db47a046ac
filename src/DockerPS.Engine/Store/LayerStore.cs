using System.Globalization;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Runtime;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Store;

/// <summary>
/// Unpacked layers: <c>layers/CHAIN/diff</c>, shared by all images with the same layers below. A layer is unpacked beside and renamed
/// into place, so that what has its name is whole; two processes that want the same one unpack it once.
/// </summary>
internal sealed class LayerStore(StoreLayout layout, RuntimeVerb runtime, EngineOptions options)
{
    private const string SizeFile = "size";

    /// <summary>Each is a process with buffers; more do not make a disk faster.</summary>
    private const int MaxAtOnce = 4;

    private readonly SemaphoreSlim _atOnce = new(Math.Clamp(Environment.ProcessorCount, 1, MaxAtOnce));

    /// <summary>Bytes of an unpacked layer, or null when it is not there.</summary>
    public long? SizeOf(Digest chainId)
    {
        try
        {
            string text = File.ReadAllText(Path.Combine(layout.Layer(chainId), SizeFile));
            return long.Parse(text, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes sure that a layer is unpacked. Idempotent, and safe beside other processes.</summary>
    /// <param name="archive">The layer: the stored blob, or the part of an archive from which that is still being copied.</param>
    /// <param name="diffId">Digest that the uncompressed archive must have.</param>
    /// <param name="chainId">Of the layer with all below it.</param>
    /// <param name="verified">It is not compressed and its digest is known to be right, or will be after <paramref name="confirm"/>: it is not hashed again.</param>
    /// <param name="confirm">Called when it is unpacked, before it gets its name.</param>
    /// <param name="progress">Called with the bytes of the blob done.</param>
    /// <param name="cancellationToken">Kills the child; nothing is left.</param>
    /// <returns>Bytes, unpacked.</returns>
    public async Task<long> EnsureAsync(
        ArchiveFile archive, Digest diffId, Digest chainId, bool verified, Func<Task> confirm, Action<long>? progress,
        CancellationToken cancellationToken)
    {
        if (SizeOf(chainId) is { } known) return known;
        LayerRequest request = Request(archive, diffId);
        request.Verified = verified;
        await _atOnce.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await EnsureAsync(request, null, chainId, confirm, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _atOnce.Release();
        }
    }

    /// <summary>
    /// As <see cref="EnsureAsync(ArchiveFile, Digest, Digest, bool, Func{Task}, Action{long}?, CancellationToken)"/>, of a blob that is still
    /// being written. The caller bounds how many it unpacks at once: mostly they wait for a network.
    /// </summary>
    public Task<long> EnsureGrowingAsync(
        GrowingBlob blob, Digest diffId, Digest chainId, bool verified, Func<Task> confirm, Action<long>? progress, CancellationToken cancellationToken)
    {
        LayerRequest request = Request(new ArchiveFile(blob.Path, 0, blob.Length), diffId);
        request.WholeBlob = blob.WholePath;
        request.Verified = verified;
        return EnsureAsync(request, blob, chainId, confirm, progress, cancellationToken);
    }

    private async Task<long> EnsureAsync(
        LayerRequest request, GrowingBlob? growing, Digest chainId, Func<Task> confirm, Action<long>? progress, CancellationToken cancellationToken)
    {
        string lockFile = Path.Combine(layout.LayersTemp, chainId.Hex + ".lock");
        using FileLock held = await FileLock.TakeAsync(lockFile, shared: false, temporary: true, cancellationToken).ConfigureAwait(false);
        if (SizeOf(chainId) is { } meanwhile) return meanwhile;
        (_, long size) = await UnpackAsync(request, growing, _ => chainId, confirm, progress, cancellationToken).ConfigureAwait(false);
        return size;
    }

    /// <summary>Unpacks an archive of which only the compressed form's digest is known, as the lowest layer.</summary>
    /// <returns>Diff id, which is also the chain id, and bytes unpacked.</returns>
    public async Task<(Digest DiffId, long Size)> UnpackLowestAsync(ArchiveFile archive, Action<long>? progress, CancellationToken cancellationToken)
    {
        (LayerResult result, long size) = await UnpackAsync(
            Request(archive, null), null, result => Digest.Parse(result.DiffId), () => Task.CompletedTask, progress, cancellationToken).ConfigureAwait(false);
        return (Digest.Parse(result.DiffId), size);
    }

    private LayerRequest Request(ArchiveFile archive, Digest? diffId) => new()
    {
        Blob = Path.GetFullPath(archive.Path),
        Offset = archive.Offset,
        Length = archive.Length,
        Target = "",
        DiffId = diffId?.ToString(),
        MaxBytes = options.MaxLayerBytes,
        MaxEntries = options.MaxLayerEntries,
    };

    private async Task<(LayerResult Result, long Size)> UnpackAsync(
        LayerRequest request, GrowingBlob? growing, Func<LayerResult, Digest> chainOf, Func<Task> confirm, Action<long>? progress,
        CancellationToken cancellationToken)
    {
        string temporary = Path.Combine(layout.LayersTemp, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(temporary);
        try
        {
            request.Target = Path.Combine(temporary, "diff");
            LayerResult result = await runtime.ExtractLayerAsync(request, growing, progress, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(
                Path.Combine(temporary, SizeFile), result.Size.ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
            await confirm().ConfigureAwait(false);
            Place(temporary, chainOf(result));
            return (result, result.Size);
        }
        catch
        {
            runtime.RemoveTree(temporary);
            throw;
        }
    }

    private void Place(string temporary, Digest chainId)
    {
        string place = layout.Layer(chainId);
        try
        {
            Directory.Move(temporary, place);
        }
        catch (IOException) when (Directory.Exists(place))
        {
            // Another process was quicker with the same content.
            runtime.RemoveTree(temporary);
        }
    }
}
