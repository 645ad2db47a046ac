using System.Globalization;
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
    private readonly SemaphoreSlim _atOnce = new(Math.Max(1, Environment.ProcessorCount));

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
    /// <param name="blob">The archive as it is stored.</param>
    /// <param name="diffId">Digest that the uncompressed archive must have.</param>
    /// <param name="chainId">Of the layer with all below it.</param>
    /// <param name="verified">The blob is not compressed and its digest is known to be right: it is not hashed again.</param>
    /// <param name="progress">Called with the bytes of the blob done.</param>
    /// <param name="cancellationToken">Kills the child; nothing is left.</param>
    /// <returns>Bytes, unpacked.</returns>
    public async Task<long> EnsureAsync(
        string blob, Digest diffId, Digest chainId, bool verified, Action<long>? progress, CancellationToken cancellationToken)
    {
        if (SizeOf(chainId) is { } known) return known;
        await _atOnce.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            string lockFile = Path.Combine(layout.LayersTemp, chainId.Hex + ".lock");
            using FileLock held = await FileLock.TakeAsync(lockFile, shared: false, temporary: true, cancellationToken).ConfigureAwait(false);
            if (SizeOf(chainId) is { } meanwhile) return meanwhile;
            LayerRequest request = Request(blob, diffId);
            request.Verified = verified;
            (_, long size) = await UnpackAsync(request, _ => chainId, progress, cancellationToken).ConfigureAwait(false);
            return size;
        }
        finally
        {
            _atOnce.Release();
        }
    }

    /// <summary>Unpacks an archive of which only the compressed form's digest is known, as the lowest layer.</summary>
    /// <returns>Diff id, which is also the chain id, and bytes unpacked.</returns>
    public async Task<(Digest DiffId, long Size)> UnpackLowestAsync(string blob, Action<long>? progress, CancellationToken cancellationToken)
    {
        (LayerResult result, long size) = await UnpackAsync(
            Request(blob, null), result => Digest.Parse(result.DiffId), progress, cancellationToken).ConfigureAwait(false);
        return (Digest.Parse(result.DiffId), size);
    }

    private LayerRequest Request(string blob, Digest? diffId) => new()
    {
        Blob = blob,
        Target = "",
        DiffId = diffId?.ToString(),
        MaxBytes = options.MaxLayerBytes,
        MaxEntries = options.MaxLayerEntries,
    };

    private async Task<(LayerResult Result, long Size)> UnpackAsync(
        LayerRequest request, Func<LayerResult, Digest> chainOf, Action<long>? progress, CancellationToken cancellationToken)
    {
        string temporary = Path.Combine(layout.LayersTemp, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(temporary);
        try
        {
            request.Target = Path.Combine(temporary, "diff");
            LayerResult result = await runtime.ExtractLayerAsync(request, progress, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(
                Path.Combine(temporary, SizeFile), result.Size.ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
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
