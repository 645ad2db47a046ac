using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Commands;

/// <summary>Unpacks a layer into a directory of its own, with that directory as root of the process.</summary>
internal static class ExtractLayer
{
    private const int ProgressMilliseconds = 100;

    /// <summary>
    /// Room for objects without a garbage collection. The collector reads /proc/meminfo, and after the change of root that is a
    /// file of the archive: a fifo of that name would hold it for ever.
    /// </summary>
    private const long WithoutCollection = 32 << 20;

    /// <param name="follow">The layer is still being written, and standard input gives what is not in its file.</param>
    public static int Run(bool follow)
    {
        var channel = new MessageChannel();
        LayerTarget? target = null;
        try
        {
            using var request = new VerbRequest();
            LayerRequest layer = VerbRequest.Read(BundleJson.Default.LayerRequest, follow);
            BlobFeed? feed = follow ? new BlobFeed(() => request.ThrowIfStopped(channel)) : null;
            using LayerInput stream = LayerInput.Open(layer, feed);
            LibC.umask(0);
            target = new LayerTarget(layer.Target, mayExist: !layer.OverlayWhiteouts);
            GC.TryStartNoGCRegion(WithoutCollection);
            target.Enter();
            LayerResult result = Unpack(layer, stream, target, request, channel);
            channel.Result(JsonSerializer.SerializeToUtf8Bytes(result, BundleJson.Default.LayerResult));
            // Nobody knows of the directory when nobody got the result.
            request.ThrowIfStopped(channel);
            target.Dispose();
            return 0;
        }
        catch (Exception e)
        {
            RuntimeFailure failure = LayerException.Describe(e);
            TryRemove(target, failure);
            channel.Failed(failure);
            return 1;
        }
    }

    private static LayerResult Unpack(
        LayerRequest layer, LayerInput stream, LayerTarget target, VerbRequest request, MessageChannel channel)
    {
        long next = 0;
        stream.Turn = () =>
        {
            request.ThrowIfStopped(channel);
            if (Environment.TickCount64 < next) return;
            next = Environment.TickCount64 + ProgressMilliseconds;
            channel.Progress(stream.InputPosition);
        };
        var reader = new TarReader(stream, layer.MaxBytes, layer.MaxEntries);
        using var extractor = new LayerExtractor(reader, target.Root, layer.OverlayWhiteouts, text => channel.Log(3, text)) { Plain = layer.Plain };
        stream.Start();
        extractor.Run();
        // Null is a layer that somebody else hashes.
        string diffId = stream.Finish() ?? layer.DiffId!;
        if (layer.DiffId is { } expected && expected != diffId)
            throw LayerException.Of(RuntimeStages.Integrity, $"The layer's content is {diffId}, but {expected} was expected.");
        channel.Progress(stream.InputPosition);
        return new LayerResult { DiffId = diffId, Size = extractor.Size, Entries = reader.Count };
    }

    private static void TryRemove(LayerTarget? target, RuntimeFailure failure)
    {
        try
        {
            target?.Remove();
        }
        catch (LinuxException e)
        {
            failure.Text += $" What was unpacked cannot be removed: {e.Message}";
        }
    }
}
