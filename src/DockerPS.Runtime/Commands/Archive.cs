using System.Text.Json;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Commands;

/// <summary>Writes files of the host and made-up ones as a deterministic tar.</summary>
internal static class Archive
{
    private const int ProgressMilliseconds = 100;

    public static int Run()
    {
        var channel = new MessageChannel();
        ArchiveOutput? output = null;
        try
        {
            using var request = new VerbRequest();
            ArchiveRequest archive = VerbRequest.Read(BundleJson.Default.ArchiveRequest);
            output = new ArchiveOutput(archive.Output);
            ArchiveResult result = Write(archive, output, request, channel);
            channel.Result(JsonSerializer.SerializeToUtf8Bytes(result, BundleJson.Default.ArchiveResult));
            // Nobody knows of the file when nobody got the result.
            request.ThrowIfStopped(channel);
            return 0;
        }
        catch (Exception e)
        {
            output?.Remove();
            channel.Failed(LayerException.Describe(e));
            return 1;
        }
        finally
        {
            output?.Dispose();
        }
    }

    private static ArchiveResult Write(ArchiveRequest archive, ArchiveOutput output, VerbRequest request, MessageChannel channel)
    {
        long next = 0;
        void Turn()
        {
            request.ThrowIfStopped(channel);
            if (Environment.TickCount64 < next) return;
            next = Environment.TickCount64 + ProgressMilliseconds;
            channel.Progress(output.Length);
        }
        var archiver = new LayerArchiver(output, Turn);
        foreach (ArchiveItem item in ArchivePlan.Make(archive.Entries, Turn)) archiver.Write(item);
        string digest = output.Finish();
        channel.Progress(output.Length);
        return new ArchiveResult
        {
            Digest = digest,
            Length = output.Length,
            Size = archiver.Size,
            NewestModification = archiver.NewestModification,
        };
    }
}
