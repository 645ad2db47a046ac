using System.Text.Json;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Registry;

/// <summary>A manifest or index as a registry has it; its bytes have the digest.</summary>
internal sealed record RemoteManifest(Digest Digest, string MediaType, byte[] Bytes)
{
    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    /// <exception cref="JsonException">It is none.</exception>
    public ImageManifest ReadManifest() => ImageSpecReader.Manifest(Bytes);

    /// <exception cref="JsonException">It is none.</exception>
    public ImageIndex ReadIndex() => ImageSpecReader.Index(Bytes);
}

/// <summary>What a registry says of a manifest without sending it.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">As the registry says it.</param>
/// <param name="Size">Bytes, or -1 when it does not say.</param>
internal readonly record struct ManifestHead(Digest Digest, string MediaType, long Size);
