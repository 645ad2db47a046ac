using System.Diagnostics;
using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Push;

/// <summary>Pushes images of the store. Blobs first, then what names them, so that nobody pulls half an image.</summary>
internal sealed class ImagePusher(ImageStore store, RegistryClient registry)
{
    public async Task<ContainerImagePush> PushAsync(ImagePush push, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        long begun = Stopwatch.GetTimestamp();
        // Nothing that is being sent is collected meanwhile.
        using StoreSession session = store.OpenSession();
        (NamedImage image, ImageReference target) = PushPlan.Of(store, push);
        RegistryUpload upload = registry.Upload(target, push.Access);
        var pusher = new ManifestPusher(store, session, upload, target, Math.Max(1, push.ThrottleLimit), progress);
        (byte[] bytes, string mediaType) = push.AllPlatforms
            ? await PushIndexAsync(image, upload, pusher, cancellationToken).ConfigureAwait(false)
            : await PushManifestAsync(image, pusher, cancellationToken).ConfigureAwait(false);
        Digest digest = await upload.PutManifestAsync(target.Tag!, mediaType, bytes, cancellationToken).ConfigureAwait(false);
        store.AddRepositoryDigest(
            image.Row.Id, new RepositoryDigest(target.Repository, digest.ToString(), push.AllPlatforms ? image.Row.Manifest : digest.ToString()));
        return new ContainerImagePush
        {
            Reference = target.Familiar,
            Repository = target.Repository,
            Tag = target.Tag!,
            Registry = target.Domain,
            Digest = digest.ToString(),
            MediaType = mediaType,
            ImageId = image.Row.Id,
            Size = pusher.Counts.Size,
            Uploaded = pusher.Counts.Uploaded,
            Mounted = pusher.Counts.Mounted,
            Existing = pusher.Counts.Existing,
            Duration = Stopwatch.GetElapsedTime(begun),
        };
    }

    private static async Task<(byte[] Bytes, string MediaType)> PushManifestAsync(
        NamedImage image, ManifestPusher pusher, CancellationToken cancellationToken)
    {
        byte[] bytes = await pusher.PushContentAsync(Digest.Parse(image.Row.Manifest), verbatim: false, cancellationToken).ConfigureAwait(false);
        return (bytes, TypeOf(bytes));
    }

    /// <summary>All platforms of an image that was pulled with all of them; attestations that were left behind are left out.</summary>
    private async Task<(byte[] Bytes, string MediaType)> PushIndexAsync(
        NamedImage image, RegistryUpload upload, ManifestPusher pusher, CancellationToken cancellationToken)
    {
        (byte[] bytes, ImageIndex index) = PushPlan.IndexOf(store, image);
        List<Descriptor> manifests = index.Manifests ?? [];
        List<Descriptor> stored = [.. manifests.Where(manifest => store.Blobs.Has(Digest.Parse(manifest.Digest)))];
        if (manifests.Except(stored).FirstOrDefault(manifest => !IsAttestation(manifest)) is { } missing)
        {
            throw new DockerNotFoundException(
                "PlatformNotStored",
                $"The platform {missing.Platform} of '{image.Reference}' is not stored. Pull it with Request-ContainerImage -AllPlatforms, or push only what is "
                + "there without -AllPlatforms.",
                image.Reference);
        }

        foreach (Descriptor manifest in stored)
        {
            byte[] content = await pusher.PushContentAsync(Digest.Parse(manifest.Digest), verbatim: true, cancellationToken).ConfigureAwait(false);
            await upload.PutManifestAsync(manifest.Digest, manifest.MediaType ?? TypeOf(content), content, cancellationToken).ConfigureAwait(false);
        }

        if (stored.Count < manifests.Count)
        {
            index.Manifests = stored;
            bytes = JsonSerializer.SerializeToUtf8Bytes(index, ImageSpecJson.Writing.ImageIndex);
        }

        return (bytes, index.MediaType ?? MediaTypes.Index);
    }

    private static bool IsAttestation(Descriptor manifest) =>
        manifest.Platform is { Os: "unknown" } || manifest.Annotations?.ContainsKey(AnnotationKeys.DockerReferenceType) == true;

    private static string TypeOf(byte[] manifest)
    {
        ImageManifest read = JsonSerializer.Deserialize(manifest, ImageSpecJson.Default.ImageManifest)!;
        return read.MediaType is { Length: > 0 } own ? own : read.Config?.MediaType == MediaTypes.DockerConfig ? MediaTypes.DockerManifest : MediaTypes.Manifest;
    }
}
