using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Pull;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Push;

/// <summary>Which stored image a push means, and what it is to be called.</summary>
internal static class PushPlan
{
    /// <exception cref="DockerNotFoundException">ImageNotFound, PlatformNotStored.</exception>
    /// <exception cref="DockerArgumentException">InvalidReference, ImageNameMissing.</exception>
    public static (NamedImage Image, ImageReference Target) Of(ImageStore store, ImagePush push)
    {
        NamedImage image = store.Find(push.Name) ?? throw ImageStore.NotFound(push.Name);
        ImageReference target = push.Destination is { } destination ? TargetOf(destination)
            : image.Reference is { } own && !IsId(push.Name) ? TargetOf(own)
            : throw new DockerArgumentException(
                "ImageNameMissing", $"'{push.Name}' is an id, and a registry needs a name: give it one with Add-ContainerImageTag, or push it to a -Destination.", push.Name);
        if (push.Platform is { } platform) image = OfPlatform(store, image, platform);
        return (image, target);
    }

    /// <summary>The index that the image was pulled by.</summary>
    /// <exception cref="DockerNotFoundException">PlatformNotStored: it has only one platform.</exception>
    public static (byte[] Bytes, ImageIndex Index) IndexOf(ImageStore store, NamedImage image)
    {
        foreach (string pinned in image.Row.RepositoryDigests)
        {
            Digest digest = Digest.Parse(pinned[(pinned.IndexOf('@', StringComparison.Ordinal) + 1)..]);
            if (digest.ToString() == image.Row.Manifest || !store.Blobs.Has(digest)) continue;
            byte[] bytes = store.Blobs.Read(digest);
            if (JsonSerializer.Deserialize(bytes, ImageSpecJson.Default.ImageIndex) is { Manifests: not null } index) return (bytes, index);
        }

        throw new DockerNotFoundException(
            "PlatformNotStored", $"'{image.Reference}' is stored for {image.Row.Platform} only. Push it without -AllPlatforms, or pull it with all of them first.",
            image.Reference);
    }

    private static ImageReference TargetOf(string name) => ImageStore.ParseName(name).WithoutDigest().WithDefaultTag();

    private static bool IsId(string name) =>
        (name.StartsWith("sha256:", StringComparison.Ordinal) || name.Length == 64) && !name.AsSpan(name.IndexOf(':', StringComparison.Ordinal) + 1).ContainsAnyExcept("0123456789abcdef");

    private static NamedImage OfPlatform(ImageStore store, NamedImage image, string platform)
    {
        Platform wanted = PlatformName.Parse(platform);
        if (PlatformName.Matches(wanted, image.Row.Platform)) return image;
        foreach (NamedImage other in store.List([], dangling: false))
        {
            if (PlatformName.Matches(wanted, other.Row.Platform) && other.Row.RepositoryDigests.Intersect(image.Row.RepositoryDigests).Any())
                return other with { Reference = image.Reference };
        }

        throw new DockerNotFoundException(
            "PlatformNotStored", $"'{image.Reference}' is not stored for {platform}. Pull it first with Request-ContainerImage -Platform {platform}.", image.Reference);
    }
}
