using System.Text.Json;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Pull;

/// <summary>An image that is being pulled.</summary>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Digest">Of the manifest or index that the name led to.</param>
/// <param name="Reference">As it was asked for.</param>
/// <param name="Name">What it shall be called.</param>
internal sealed record ImageArrival(PulledManifest Manifest, Digest Digest, ImageReference Reference, ImageReference Name)
{
    public RepositoryDigest RepositoryDigest => new(Reference.Repository, Digest.ToString(), Manifest.Remote.Digest.ToString());

    /// <exception cref="DockerIntegrityException">ManifestInvalid.</exception>
    public ImageConfig ReadConfig(byte[] bytes)
    {
        try
        {
            return ImageSpecReader.Config(bytes);
        }
        catch (JsonException e)
        {
            throw PulledManifest.Invalid(Reference.Familiar, Manifest.Remote.Digest.ToString(), "its config cannot be read", e);
        }
    }

    /// <summary>Digests of the uncompressed layers, one for each of the manifest.</summary>
    /// <exception cref="DockerIntegrityException">ManifestInvalid.</exception>
    public IReadOnlyList<Digest> DiffIds(ImageConfig config)
    {
        List<string> texts = config.Rootfs?.DiffIds ?? [];
        var diffIds = new List<Digest>();
        foreach (string text in texts)
        {
            if (!Digest.TryParse(text, out Digest diffId)) throw PulledManifest.Invalid(Reference.Familiar, Manifest.Remote.Digest.ToString(), $"'{text}' in its config is no digest");
            diffIds.Add(diffId);
        }

        return diffIds.Count == Manifest.Layers.Count
            ? diffIds
            : throw PulledManifest.Invalid(
                Reference.Familiar, Manifest.Remote.Digest.ToString(), $"its config lists {diffIds.Count} layers and it has {Manifest.Layers.Count}");
    }

    public PullRecord Record(IEnumerable<Digest> chainIds) => new()
    {
        Reference = Reference.Familiar,
        Blobs = [Manifest.Remote.Digest.ToString(), Manifest.Config.Digest, .. Manifest.Layers.Select(layer => layer.Digest)],
        Layers = [.. chainIds.Select(chain => chain.ToString())],
    };
}
