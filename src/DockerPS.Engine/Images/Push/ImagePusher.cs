using System.Diagnostics;
using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Push;

/// <summary>
/// Pushes images of the store. Blobs first, then what names them, so that nobody pulls half an image. A registry that does not take
/// OCI's manifests gets Docker's schema 2.
/// </summary>
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
        (Digest digest, string mediaType) = await InEitherFormAsync(docker => push.AllPlatforms
            ? PushIndexAsync(image, target.Tag!, upload, pusher, docker, cancellationToken)
            : PushManifestAsync(image, target.Tag!, upload, pusher, docker, cancellationToken)).ConfigureAwait(false);
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

    /// <summary>What was sent for the first attempt is not sent again for the second.</summary>
    private static async Task<(Digest Digest, string MediaType)> InEitherFormAsync(Func<bool, Task<(Digest, string)>> push)
    {
        try
        {
            return await push(false).ConfigureAwait(false);
        }
        catch (DockerRegistryException first) when (ManifestRefusal.IsOfKind(first))
        {
            try
            {
                return await push(true).ConfigureAwait(false);
            }
            catch (Exception e) when (e is FormatException || (e is DockerRegistryException second && ManifestRefusal.IsOfKind(second)))
            {
                throw first;
            }
        }
    }

    private static async Task<(Digest Digest, string MediaType)> PushManifestAsync(
        NamedImage image, string which, RegistryUpload upload, ManifestPusher pusher, bool docker, CancellationToken cancellationToken)
    {
        ManifestForm form = docker ? ManifestForm.Docker : ManifestForm.Own;
        byte[] bytes = await pusher.PushContentAsync(Digest.Parse(image.Row.Manifest), form, cancellationToken).ConfigureAwait(false);
        return (await upload.PutManifestAsync(which, TypeOf(bytes), bytes, cancellationToken).ConfigureAwait(false), TypeOf(bytes));
    }

    /// <summary>All platforms of an image that was pulled with all of them; attestations that were left behind are left out.</summary>
    private async Task<(Digest Digest, string MediaType)> PushIndexAsync(
        NamedImage image, string which, RegistryUpload upload, ManifestPusher pusher, bool docker, CancellationToken cancellationToken)
    {
        (byte[] bytes, ImageIndex index) = PushPlan.IndexOf(store, image);
        List<Descriptor> manifests = index.Manifests ?? [];
        List<Descriptor> stored = [.. manifests.Where(manifest => store.Blobs.Has(Digest.Parse(manifest.Digest)))];
        if (manifests.Except(stored).FirstOrDefault(manifest => !Attestation.Is(manifest)) is { } missing)
        {
            throw new DockerNotFoundException(
                "PlatformNotStored",
                $"The platform {missing.Platform} of '{image.Reference}' is not stored. Pull it with Request-ContainerImage -AllPlatforms, or push only what is "
                + "there without -AllPlatforms.",
                image.Reference);
        }

        if (docker) return await PushListAsync(stored.Where(manifest => !Attestation.Is(manifest)), which, upload, pusher, cancellationToken).ConfigureAwait(false);
        foreach (Descriptor manifest in stored)
        {
            byte[] content = await pusher.PushContentAsync(Digest.Parse(manifest.Digest), ManifestForm.Stored, cancellationToken).ConfigureAwait(false);
            await upload.PutManifestAsync(manifest.Digest, manifest.MediaType ?? TypeOf(content), content, cancellationToken).ConfigureAwait(false);
        }

        if (stored.Count < manifests.Count)
        {
            index.Manifests = stored;
            bytes = JsonSerializer.SerializeToUtf8Bytes(index, ImageSpecJson.Writing.ImageIndex);
        }

        string mediaType = index.MediaType ?? MediaTypes.Index;
        return (await upload.PutManifestAsync(which, mediaType, bytes, cancellationToken).ConfigureAwait(false), mediaType);
    }

    private static async Task<(Digest Digest, string MediaType)> PushListAsync(
        IEnumerable<Descriptor> manifests, string which, RegistryUpload upload, ManifestPusher pusher, CancellationToken cancellationToken)
    {
        var pushed = new List<Descriptor>();
        foreach (Descriptor manifest in manifests)
        {
            byte[] content = await pusher.PushContentAsync(Digest.Parse(manifest.Digest), ManifestForm.Docker, cancellationToken).ConfigureAwait(false);
            Digest digest = await upload.PutManifestAsync(Digest.Of(content).ToString(), MediaTypes.DockerManifest, content, cancellationToken).ConfigureAwait(false);
            pushed.Add(new Descriptor { Digest = digest.ToString(), Size = content.Length, Platform = manifest.Platform });
        }

        byte[] list = JsonSerializer.SerializeToUtf8Bytes(DockerSchema.ListOf(pushed), ImageSpecJson.Writing.ImageIndex);
        return (await upload.PutManifestAsync(which, MediaTypes.DockerIndex, list, cancellationToken).ConfigureAwait(false), MediaTypes.DockerIndex);
    }

    private static string TypeOf(byte[] manifest)
    {
        ImageManifest read = JsonSerializer.Deserialize(manifest, ImageSpecJson.Default.ImageManifest)!;
        return read.MediaType is { Length: > 0 } own ? own : read.Config?.MediaType == MediaTypes.DockerConfig ? MediaTypes.DockerManifest : MediaTypes.Manifest;
    }
}
