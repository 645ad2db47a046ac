using System.Text.Json;
using System.Text.RegularExpressions;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.Docker;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Archives;

/// <summary>Reads an OCI image layout (image-spec, image-layout.md), choosing of each image the manifest of this machine's platform.</summary>
/// <param name="contents">The layout.</param>
/// <param name="source">Path of it, from which an image whose name is only a version takes its own.</param>
internal sealed partial class OciLayout(ArchiveContents contents, string source)
{
    private const int MaxDepth = 4;
    private const string IndexFile = "index.json";

    public List<StagedImage> Read()
    {
        ImageIndex index = ImageSpecReader.Index(contents.Get(IndexFile).ReadAll(IndexFile));
        List<DockerArchiveImage> docker = contents.IsDockerArchive ? DockerArchive.ReadManifest(contents) : [];
        var images = new Dictionary<Digest, (StagedImage Image, List<ImageReference> Names)>();
        foreach (List<Descriptor> group in Group(index.Manifests ?? []))
        {
            Descriptor chosen = Choose(group, 0);
            Digest digest = Digest.Parse(chosen.Digest);
            if (!images.TryGetValue(digest, out (StagedImage Image, List<ImageReference> Names) image))
                images[digest] = image = (Stage(chosen), []);
            image.Names.AddRange(group.SelectMany(NamesOf));
            if (image.Names.Count == 0) image.Names.AddRange(DockerNames(docker, Digest.Of(image.Image.Config)));
        }

        return [.. images.Values.Select(image => image.Image with { Names = [.. image.Names.Distinct()] })];
    }

    /// <summary>Descriptors of one name are one image for several platforms; so are all nameless ones that say different platforms.</summary>
    private static IEnumerable<List<Descriptor>> Group(List<Descriptor> manifests)
    {
        List<Descriptor> images = [.. manifests.Where(one => !Attestation.Is(one))];
        foreach (IGrouping<string, Descriptor> group in images.GroupBy(NameKey))
        {
            bool platforms = group.All(d => d.Platform is not null)
                && group.DistinctBy(d => d.Platform!.ToString()).Count() == group.Count();
            if (platforms) yield return [.. group];
            else foreach (Descriptor one in group) yield return [one];
        }
    }

    private static string NameKey(Descriptor descriptor) =>
        descriptor.Annotations?.GetValueOrDefault(AnnotationKeys.ContainerdName)
        ?? descriptor.Annotations?.GetValueOrDefault(AnnotationKeys.ReferenceName) ?? "";

    private Descriptor Choose(List<Descriptor> candidates, int depth)
    {
        // An archive of a many-platform image may hold the blobs of one platform only.
        List<Descriptor> present = [.. candidates.Where(d => contents.Find(BlobName(d)) is not null)];
        if (present.Count == 0)
            throw ArchiveErrors.Invalid($"'{source}'", $"the manifest {candidates.FirstOrDefault()?.Digest ?? "of an index"} is not in it");
        Descriptor? chosen = present.Count == 1 && (depth == 0 || present[0].Platform is null)
            ? present[0]
            : present.Where(d => d.Platform is null || HostPlatform.Runs(d.Platform)).MaxBy(d => HostPlatform.Preference(d.Platform));
        if (chosen is null)
        {
            throw new DockerNotFoundException(
                "PlatformNotFound",
                $"'{source}' has no image for {HostPlatform.Name}, only for {string.Join(", ", present.Select(d => d.Platform))}. Get the archive "
                + "of this platform.",
                source);
        }

        byte[] bytes = ReadBlob(chosen);
        if (!MediaTypes.IsIndex(chosen.MediaType ?? MediaTypeIn(bytes))) return chosen;
        if (depth == MaxDepth) throw ArchiveErrors.Invalid($"'{source}'", "its indexes are nested too deeply");
        List<Descriptor> inner = ImageSpecReader.Index(bytes).Manifests ?? [];
        return Choose([.. inner.Where(one => !Attestation.Is(one))], depth + 1);
    }

    private StagedImage Stage(Descriptor descriptor)
    {
        byte[] bytes = ReadBlob(descriptor);
        ImageManifest manifest = ImageSpecReader.Manifest(bytes);
        Descriptor config = manifest.Config ?? throw ArchiveErrors.Invalid(descriptor.Digest, "it is no manifest of an image");
        if (!MediaTypes.IsConfig(config.MediaType))
            throw ArchiveErrors.UnknownFormat(source, $"it holds an artifact of type '{config.MediaType}'");
        bool oci = (descriptor.MediaType ?? manifest.MediaType) == MediaTypes.Manifest && config.MediaType == MediaTypes.Config;
        return new StagedImage(ReadBlob(config), oci ? bytes : null, [.. (manifest.Layers ?? []).Select(StageLayer)], []);
    }

    private StagedLayer StageLayer(Descriptor layer)
    {
        ArchiveFile? file = contents.Find(BlobName(layer));
        if (file is not null && file.Length != layer.Size) throw WrongSize(layer, file);
        return new StagedLayer(BlobName(layer), file, Digest.Parse(layer.Digest));
    }

    private byte[] ReadBlob(Descriptor descriptor)
    {
        string name = BlobName(descriptor);
        ArchiveFile file = contents.Get(name);
        if (file.Length != descriptor.Size) throw WrongSize(descriptor, file);
        byte[] bytes = file.ReadAll(name);
        Digest expected = Digest.Parse(descriptor.Digest);
        using System.Security.Cryptography.IncrementalHash hash = expected.NewHash();
        hash.AppendData(bytes);
        byte[] actual = hash.GetHashAndReset();
        return expected.Matches(actual)
            ? bytes
            : throw BlobStore.Mismatch(name, expected, $"{expected.Algorithm}:{Convert.ToHexStringLower(actual)}");
    }

    private IEnumerable<ImageReference> NamesOf(Descriptor descriptor)
    {
        if (descriptor.Annotations is not { } annotations) return [];
        if (annotations.GetValueOrDefault(AnnotationKeys.ContainerdName) is { } complete) return [ImageReference.Parse(complete)];
        if (annotations.GetValueOrDefault(AnnotationKeys.ReferenceName) is not { Length: > 0 } name) return [];
        // Tools write a whole reference here, a repository, or only a tag, which then belongs to what the layout is called.
        string whole = VersionOnly().IsMatch(name) && SourceName() is { } repository ? $"{repository}:{name}" : name;
        return ImageReference.TryParse(whole, out ImageReference? reference) ? [reference] : [];
    }

    private string? SourceName()
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(source)).ToLowerInvariant();
        foreach (string ending in (string[])[".gz", ".tgz", ".zst", ".zstd", ".tar", ".oci"])
            if (name.EndsWith(ending, StringComparison.Ordinal)) name = name[..^ending.Length];
        return ImageReference.TryParse(name, out ImageReference? parsed) && parsed.Tag is null ? name : null;
    }

    private static IReadOnlyList<ImageReference> DockerNames(List<DockerArchiveImage> images, Digest id) =>
        images.FirstOrDefault(image => image.Config?.Contains(id.Hex, StringComparison.Ordinal) == true) is { } found
            ? DockerArchive.Names(found)
            : [];

    private static string BlobName(Descriptor descriptor)
    {
        Digest digest = Digest.Parse(descriptor.Digest);
        return $"blobs/{digest.Algorithm}/{digest.Hex}";
    }

    private static string? MediaTypeIn(byte[] json) =>
        ImageSpecReader.Index(json) is { Manifests.Count: > 0 } ? MediaTypes.Index : null;

    private static DockerIntegrityException WrongSize(Descriptor descriptor, ArchiveFile file) => new(
        "DigestMismatch",
        $"{descriptor.Digest} should have {descriptor.Size} bytes and has {file.Length}: the archive is damaged. Make or download it again.",
        descriptor.Digest);

    [GeneratedRegex(@"\A(latest|v?[0-9][A-Za-z0-9_.-]*)\z")]
    private static partial Regex VersionOnly();
}
