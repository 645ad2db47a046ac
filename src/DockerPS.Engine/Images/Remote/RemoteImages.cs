using System.Text.Json;
using DockerPS.Engine.Images.Pull;
using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Remote;

/// <summary>Tells of images in registries what their manifests and configs say; no layer is fetched.</summary>
internal sealed class RemoteImages(RegistryClient registry)
{
    public async Task<ContainerRemoteImage> GetAsync(RemoteImageQuery query, CancellationToken cancellationToken)
    {
        ImageReference reference = ImageStore.ParseName(query.Reference).WithDefaultTag();
        var choice = new PlatformChoice(reference, query.Platform is null ? null : PlatformName.Parse(query.Platform), all: false);
        RemoteManifest top = await registry.GetManifestAsync(reference, query.Access, cancellationToken).ConfigureAwait(false);
        var platforms = new List<ContainerRemotePlatform>();
        RemoteManifest chosen = top;
        if (top.IsIndex)
        {
            ImageIndex index = IndexOf(top, reference);
            platforms.AddRange((index.Manifests ?? []).Where(item => item.Platform is { Os: not "unknown" })
                .Select(item => new ContainerRemotePlatform(item.Platform!.ToString(), item.Digest, item.Size)));
            Digest digest = Digest.TryParse(choice.Of(index)[0].Digest, out Digest parsed) ? parsed
                : throw PulledManifest.Invalid(reference.Familiar, top.Digest.ToString(), "it names a manifest by no digest");
            chosen = await registry.GetManifestAsync(reference.WithoutTag(digest), query.Access, cancellationToken).ConfigureAwait(false);
        }

        PulledManifest manifest = PulledManifest.Read(chosen, reference.Familiar);
        ImageConfig config = await ConfigAsync(reference, manifest, query.Access, cancellationToken).ConfigureAwait(false);
        string platform = ImageConfigurations.PlatformOf(config);
        choice.CheckUnlessAll(platform);
        if (platforms.Count == 0) platforms.Add(new ContainerRemotePlatform(platform, chosen.Digest.ToString(), chosen.Bytes.Length));
        IReadOnlyList<Descriptor> referrers = query.Referrers
            ? await registry.GetReferrersAsync(reference, top.Digest, query.Access, cancellationToken).ConfigureAwait(false)
            : [];
        return new ContainerRemoteImage
        {
            Reference = reference.Familiar,
            Repository = reference.Repository,
            Tag = reference.Tag ?? "",
            Registry = reference.Domain,
            Digest = top.Digest.ToString(),
            MediaType = top.MediaType,
            Id = manifest.Config.Digest,
            Platform = platform,
            Platforms = platforms,
            Created = ImageConfigurations.CreatedAt(config),
            Size = manifest.Config.Size + manifest.Layers.Sum(layer => layer.Size),
            Layers = [.. manifest.Layers.Select(layer => new ContainerRemoteBlob(layer.Digest, layer.Size, layer.MediaType ?? ""))],
            Config = ImageConfigurations.FromSpecification(config.Config),
            Referrers = [.. referrers.Select(item => new ContainerImageReferrer(
                item.ArtifactType ?? item.MediaType ?? "", item.Digest, item.Size, item.Annotations ?? []))],
        };
    }

    private static ImageIndex IndexOf(RemoteManifest top, ImageReference reference)
    {
        try
        {
            return top.ReadIndex();
        }
        catch (JsonException e)
        {
            throw PulledManifest.Invalid(reference.Familiar, top.Digest.ToString(), "it is no index", e);
        }
    }

    private async Task<ImageConfig> ConfigAsync(
        ImageReference reference, PulledManifest manifest, RegistryAccess access, CancellationToken cancellationToken)
    {
        byte[] bytes = await SmallBlob.ReadAsync(registry, reference, manifest.Config, access, cancellationToken).ConfigureAwait(false);
        try
        {
            return ImageSpecReader.Config(bytes);
        }
        catch (JsonException e)
        {
            throw PulledManifest.Invalid(reference.Familiar, manifest.Remote.Digest.ToString(), "its config is no JSON of an image", e);
        }
    }
}
