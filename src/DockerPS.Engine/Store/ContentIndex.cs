using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Store;

/// <summary>
/// content/index.json: what other tools read of the store. It is always written anew from the catalogue, so it cannot drift, and under
/// a lock, so that the last writer is the one with the newest rows.
/// </summary>
internal sealed class ContentIndex(StoreLayout layout, CatalogueDatabase catalogue)
{
    public void Write()
    {
        using FileLock held = FileLock.Take(layout.IndexLock, shared: false);
        if (!File.Exists(layout.LayoutFile))
        {
            DurableFile.Write(layout.LayoutFile, layout.LayoutFile + ".new",
                JsonSerializer.SerializeToUtf8Bytes(new ImageLayout(), ImageSpecJson.Writing.ImageLayout));
        }

        List<NamedImage> images;
        using (CatalogueDatabase.Lease lease = catalogue.Rent()) images = ImageTable.All(lease, withRemoved: true);
        var index = new ImageIndex
        {
            MediaType = MediaTypes.Index,
            Manifests = [.. images.Select(Describe).OrderBy(d => d.Annotations?.Values.First(), StringComparer.Ordinal)
                .ThenBy(d => d.Digest, StringComparer.Ordinal)],
        };
        string temporary = layout.Index + ".new";
        File.Delete(temporary);
        DurableFile.Write(layout.Index, temporary, JsonSerializer.SerializeToUtf8Bytes(index, ImageSpecJson.Writing.ImageIndex));
    }

    private static Descriptor Describe(NamedImage image)
    {
        string[] platform = image.Row.Platform.Split('/');
        return new Descriptor
        {
            MediaType = image.Row.ManifestType,
            Digest = image.Row.Manifest,
            Size = image.Row.ManifestSize,
            Annotations = image.Reference is null ? null : new() { [AnnotationKeys.ReferenceName] = image.Reference },
            Platform = platform.Length < 2
                ? null
                : new Platform { Os = platform[0], Architecture = platform[1], Variant = platform.Length > 2 ? platform[2] : null },
        };
    }
}
