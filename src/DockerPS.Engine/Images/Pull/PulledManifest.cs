using DockerPS.Engine.Registry;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images.Pull;

/// <summary>A manifest of an image that was checked for what the pull relies on.</summary>
/// <param name="Remote">As the registry sent it.</param>
/// <param name="Config">Descriptor of the config.</param>
/// <param name="Layers">Lowest first.</param>
internal sealed record PulledManifest(RemoteManifest Remote, Descriptor Config, IReadOnlyList<Descriptor> Layers)
{
    private const long LargestConfig = 32 << 20;

    /// <exception cref="DockerIntegrityException">ManifestInvalid.</exception>
    /// <exception cref="DockerArgumentException">ImageTypeNotSupported: it is an artifact of another kind. TooManyLayers.</exception>
    public static PulledManifest Read(RemoteManifest remote, string reference)
    {
        try
        {
            ImageManifest manifest = remote.ReadManifest();
            Descriptor config = manifest.Config ?? throw new FormatException("it has no config");
            if (!MediaTypes.IsManifest(remote.MediaType) || !MediaTypes.IsConfig(config.MediaType))
            {
                throw new DockerArgumentException(
                    "ImageTypeNotSupported",
                    $"'{reference}' is no image of containers but of the type '{KindOf(remote, manifest, config)}'. "
                    + "Check the name and tag; other artifacts of registries cannot be run.",
                    reference);
            }

            if (config.Size is < 0 or > LargestConfig) throw new FormatException($"its config has {config.Size} bytes, and {LargestConfig} is the most that is read");
            List<Descriptor> layers = manifest.Layers ?? [];
            LayerLimit.Check(layers.Count, reference);
            foreach (Descriptor descriptor in layers.Append(config))
            {
                Digest.Parse(descriptor.Digest);
                if (descriptor.Size < 0) throw new FormatException($"{descriptor.Digest} has {descriptor.Size} bytes");
            }

            return new PulledManifest(remote, config, layers);
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException)
        {
            throw Invalid(reference, remote.Digest.ToString(), e.Message.TrimEnd('.'), e);
        }
    }

    private static string KindOf(RemoteManifest remote, ImageManifest manifest, Descriptor config) =>
        !MediaTypes.IsManifest(remote.MediaType) ? remote.MediaType : manifest.ArtifactType is { Length: > 0 } artifact ? artifact : config.MediaType ?? "";

    public static DockerIntegrityException Invalid(string reference, string digest, string reason, Exception? inner = null) => new(
        "ManifestInvalid", $"The manifest {digest} of '{reference}' cannot be used: {reason}. The image has to be pushed anew.", reference, inner);
}
