namespace DockerPS.Oci.ImageSpec;

/// <summary>
/// Writes an image as Docker's schema 2, for registries that know nothing of OCI. Configs are the same in both, and layers but for
/// their compression with zstd; annotations are left out, since the schema has none.
/// </summary>
public static class DockerSchema
{
    /// <summary>The same image in Docker's words.</summary>
    /// <exception cref="FormatException">Something of it is no part of an image, or compressed with zstd.</exception>
    public static ImageManifest Of(ImageManifest manifest) => new()
    {
        MediaType = MediaTypes.DockerManifest,
        Config = Plain(manifest.Config!, ConfigOf(manifest.Config!.MediaType)),
        Layers = [.. (manifest.Layers ?? []).Select(layer => Plain(layer, LayerOf(layer.MediaType)))],
    };

    /// <summary>A list of manifests that are in Docker's words already.</summary>
    public static ImageIndex ListOf(IEnumerable<Descriptor> manifests) => new()
    {
        MediaType = MediaTypes.DockerIndex,
        Manifests = [.. manifests.Select(manifest => new Descriptor
        {
            MediaType = MediaTypes.DockerManifest, Digest = manifest.Digest, Size = manifest.Size, Platform = manifest.Platform,
        })],
    };

    private static Descriptor Plain(Descriptor descriptor, string mediaType) =>
        new() { MediaType = mediaType, Digest = descriptor.Digest, Size = descriptor.Size, Urls = descriptor.Urls };

    private static string ConfigOf(string? mediaType) =>
        MediaTypes.IsConfig(mediaType) ? MediaTypes.DockerConfig : throw new FormatException($"Docker's schema 2 has no word for a config of the type '{mediaType}'.");

    private static string LayerOf(string? mediaType) => mediaType switch
    {
        MediaTypes.Layer or MediaTypes.DockerLayer => MediaTypes.DockerLayer,
        MediaTypes.LayerGzip or MediaTypes.DockerLayerGzip => MediaTypes.DockerLayerGzip,
        _ when MediaTypes.IsForeignLayer(mediaType) && !MediaTypes.IsZstdLayer(mediaType) => MediaTypes.DockerForeignLayerGzip,
        _ => throw new FormatException($"Docker's schema 2 has no word for a layer of the type '{mediaType}'."),
    };
}
