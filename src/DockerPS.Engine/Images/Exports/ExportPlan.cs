using System.Text;
using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.Docker;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Exports;

/// <summary>
/// The files of an archive of images: the blobs as they are stored, compressed ones too, so that every digest stays what it is, and the
/// small files that describe them. A pure function of the images and the format.
/// </summary>
internal sealed class ExportPlan
{
    private readonly BlobStore _blobs;
    private readonly SortedDictionary<string, Descriptor> _files = new(StringComparer.Ordinal);

    private ExportPlan(BlobStore blobs) => _blobs = blobs;

    /// <summary>Blobs by their name in the archive, in order.</summary>
    public IReadOnlyDictionary<string, Descriptor> Blobs => _files;

    /// <summary>Small files after the blobs, in order.</summary>
    public IReadOnlyList<(string Name, byte[] Bytes)> Documents { get; private set; } = [];

    public long TotalBytes => _files.Values.Sum(blob => blob.Size) + Documents.Sum(document => (long)document.Bytes.Length);

    /// <exception cref="DockerIntegrityException">ImageIncomplete: a blob is not stored.</exception>
    public static ExportPlan Make(IReadOnlyList<NamedImage> images, ContainerImageFormat format, BlobStore blobs)
    {
        var index = new List<Descriptor>();
        var docker = new List<DockerArchiveImage>();
        var plan = new ExportPlan(blobs);
        foreach (IGrouping<string, NamedImage> image in images.GroupBy(i => i.Row.Id))
        {
            List<string> names = [.. image.Select(i => i.Reference).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
            ImageManifest manifest = plan.Add(image.First().Row, out Descriptor described);
            index.AddRange(names.Count == 0 ? [described] : names.Select(name => Named(described, name)));
            docker.Add(new DockerArchiveImage
            {
                Config = NameOf(manifest.Config!.Digest),
                RepoTags = names.Count == 0 ? null : names,
                Layers = [.. (manifest.Layers ?? []).Select(layer => NameOf(layer.Digest))],
            });
        }

        List<(string, byte[])> documents =
        [
            ("index.json", JsonSerializer.SerializeToUtf8Bytes(
                new ImageIndex { MediaType = MediaTypes.Index, Manifests = index }, ImageSpecJson.Writing.ImageIndex)),
            ("oci-layout", JsonSerializer.SerializeToUtf8Bytes(new ImageLayout(), ImageSpecJson.Writing.ImageLayout)),
        ];
        if (format == ContainerImageFormat.Docker)
            documents.Insert(1, ("manifest.json", JsonSerializer.SerializeToUtf8Bytes(docker, ImageSpecJson.Writing.ListDockerArchiveImage)));
        plan.Documents = documents;
        return plan;
    }

    private ImageManifest Add(ImageRow row, out Descriptor described)
    {
        Digest digest = Digest.Parse(row.Manifest);
        if (!_blobs.Has(digest)) throw Incomplete(row, row.Manifest);
        byte[] bytes = _blobs.Read(digest);
        ImageManifest manifest = JsonSerializer.Deserialize(bytes, ImageSpecJson.Default.ImageManifest)!;
        described = new Descriptor
        {
            MediaType = manifest.MediaType ?? MediaTypes.Manifest,
            Digest = row.Manifest,
            Size = bytes.Length,
            Platform = PlatformOf(row.Platform),
        };
        foreach (Descriptor blob in (IEnumerable<Descriptor>)[described, manifest.Config!, .. manifest.Layers ?? []])
        {
            if (!_blobs.Has(Digest.Parse(blob.Digest))) throw Incomplete(row, blob.Digest);
            _files[NameOf(blob.Digest)] = blob;
        }

        return manifest;
    }

    /// <summary>Under both annotations: containerd and docker read the first, everybody else the second.</summary>
    private static Descriptor Named(Descriptor image, string name) => new()
    {
        MediaType = image.MediaType,
        Digest = image.Digest,
        Size = image.Size,
        Platform = image.Platform,
        Annotations = new() { [AnnotationKeys.ContainerdName] = ImageReference.Parse(name).Canonical, [AnnotationKeys.ReferenceName] = name },
    };

    private static Platform? PlatformOf(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length < 2 ? null : new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.Length > 2 ? parts[2] : null };
    }

    private static string NameOf(string digest) => "blobs/" + digest.Replace(':', '/');

    private static DockerIntegrityException Incomplete(ImageRow row, string digest) => new(
        "ImageIncomplete",
        $"The image {row.Id} lacks the content {digest}, so it cannot be exported. Repair it with Test-ContainerImage -Repair, or bring it in again.",
        row.Id);
}
