using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using DockerPS.Oci.Docker;

namespace DockerPS.Oci.ImageSpec;

/// <summary>
/// Reads what registries and archives say of images. Beside what the types demand there is no <c>null</c> in a list, where nobody expects it.
/// </summary>
/// <exception cref="JsonException">Of each: it is not what it should be.</exception>
public static class ImageSpecReader
{
    public static ImageManifest Manifest(ReadOnlySpan<byte> json)
    {
        ImageManifest manifest = Read(json, ImageSpecJson.Default.ImageManifest);
        NoNulls(manifest.Layers, "layers");
        return manifest;
    }

    public static ImageIndex Index(ReadOnlySpan<byte> json)
    {
        ImageIndex index = Read(json, ImageSpecJson.Default.ImageIndex);
        NoNulls(index.Manifests, "manifests");
        return index;
    }

    public static ImageConfig Config(ReadOnlySpan<byte> json)
    {
        ImageConfig config = Read(json, ImageSpecJson.Default.ImageConfig);
        // A null that is written out is nothing said.
        (config.Os, config.Architecture) = (config.Os ?? "", config.Architecture ?? "");
        NoNulls(config.History, "history");
        NoNulls(config.Rootfs?.DiffIds, "rootfs.diff_ids");
        NoNulls(config.Config?.Env, "config.Env");
        NoNulls(config.Config?.Entrypoint, "config.Entrypoint");
        NoNulls(config.Config?.Cmd, "config.Cmd");
        NoNulls(config.Config?.OnBuild, "config.OnBuild");
        NoNulls(config.Config?.Labels?.Values, "config.Labels");
        return config;
    }

    /// <summary>The manifest.json of a <c>docker save</c> archive.</summary>
    public static List<DockerArchiveImage> DockerArchive(ReadOnlySpan<byte> json)
    {
        List<DockerArchiveImage> images = Read(json, ImageSpecJson.Default.ListDockerArchiveImage);
        NoNulls(images, "The list of images");
        foreach (DockerArchiveImage image in images)
        {
            NoNulls(image.Layers, "Layers");
            NoNulls(image.RepoTags, "RepoTags");
        }

        return images;
    }

    private static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type) where T : class
    {
        // What is kept for others, and read only when somebody asks for it, has to be text as well.
        if (!Utf8.IsValid(json)) throw new JsonException("it is not in UTF-8");
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("it is null");
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a name in it has halves of characters", e);
        }
    }

    private static void NoNulls<T>(IEnumerable<T>? list, string name) where T : class
    {
        if (list is not null && list.Any(item => item is null)) throw new JsonException($"{name} has a null in it");
    }
}
