using System.Text.Json;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images;

/// <summary>Makes an image of one tar of a root file system, kept as it is (also compressed).</summary>
internal static class RootFileSystem
{
    public static async Task<StagedImage> StageAsync(
        ImageImport import, ImageReference name, ImageStore store, ImageWriter writer, IProgress<EngineProgress>? progress,
        CancellationToken cancellationToken)
    {
        // The changes are looked at first: a mistake in them should not cost the reading of the archive.
        var execution = new ImageExecution { Env = [ImageConfigurations.DefaultPath] };
        foreach (string change in import.Changes) ConfigChange.Apply(execution, change);

        var source = new FileInfo(import.Path);
        string label = source.Name;
        (Digest blob, Compression compression) = await writer.AddBlobAsync(
            new ArchiveFile(source.FullName, 0, source.Length), label, cancellationToken).ConfigureAwait(false);
        Digest diffId = blob;
        if (compression != Compression.None)
        {
            (diffId, _) = await store.Layers.UnpackLowestAsync(
                new ArchiveFile(store.Blobs.PathOf(blob), 0, source.Length), done => progress?.Report(new EngineProgress(label, "Unpacking", done, source.Length)),
                cancellationToken).ConfigureAwait(false);
        }

        // Its time is the file's, so that importing the same file again makes the same image.
        string created = ImageConfigurations.Time(source.LastWriteTimeUtc);
        var config = new ImageConfig
        {
            Created = created,
            Architecture = HostPlatform.Architecture,
            Os = "linux",
            Config = execution,
            Rootfs = new Oci.ImageSpec.RootFileSystem { DiffIds = [diffId.ToString()] },
            History = [new HistoryEntry { Created = created, Comment = $"Imported from {label}" }],
        };
        return new StagedImage(
            JsonSerializer.SerializeToUtf8Bytes(config, ImageSpecJson.Writing.ImageConfig), null,
            [new StagedLayer(label, new ArchiveFile(store.Blobs.PathOf(blob), 0, store.Blobs.LengthOf(blob)), blob)], [name]);
    }
}
