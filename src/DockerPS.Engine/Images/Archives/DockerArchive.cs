using System.Text.Json;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.Docker;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Archives;

/// <summary>Reads manifest.json of <c>docker save</c> archives (also of podman, skopeo, kaniko …).</summary>
internal static class DockerArchive
{
    private const string ManifestFile = "manifest.json";

    public static List<StagedImage> Read(ArchiveContents contents) => [.. ReadManifest(contents).Select(image => Stage(contents, image))];

    public static List<DockerArchiveImage> ReadManifest(ArchiveContents contents) =>
        ImageSpecReader.DockerArchive(contents.Get(ManifestFile).ReadAll(ManifestFile));

    public static IReadOnlyList<ImageReference> Names(DockerArchiveImage image) =>
        [.. (image.RepoTags ?? []).Where(tag => tag != "<none>:<none>").Select(tag => ImageReference.Parse(tag))];

    private static StagedImage Stage(ArchiveContents contents, DockerArchiveImage image)
    {
        string name = image.Config ?? throw ArchiveErrors.Invalid(ManifestFile, "an image in it has no config");
        byte[] config = contents.Get(name).ReadAll(name);
        if (DigestInName(name) is { } said && Digest.Of(config) != said) throw BlobStore.Mismatch(name, said, Digest.Of(config).ToString());
        IEnumerable<StagedLayer> layers = (image.Layers ?? []).Select(layer => new StagedLayer(layer, contents.Get(layer), null));
        return new StagedImage(config, null, [.. layers], Names(image));
    }

    /// <summary>Configs are called ID.json, blobs/sha256/ID or sha256:ID.</summary>
    private static Digest? DigestInName(string name)
    {
        string digits = Path.GetFileName(name);
        if (digits.EndsWith(".json", StringComparison.Ordinal)) digits = digits[..^5];
        return Digest.TryParse(digits.StartsWith("sha256:", StringComparison.Ordinal) ? digits : "sha256:" + digits, out Digest digest)
            ? digest
            : null;
    }
}
