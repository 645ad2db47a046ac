using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Pull;

/// <summary>Reads a config.</summary>
internal static class SmallBlob
{
    /// <summary>The whole of it, verified. Its descriptor's size has been found bearable.</summary>
    /// <exception cref="DockerIntegrityException">DigestMismatch.</exception>
    public static async Task<byte[]> ReadAsync(
        RegistryClient registry, ImageReference repository, Descriptor blob, RegistryAccess access, CancellationToken cancellationToken)
    {
        for (var origins = new BlobOrigins(); ;)
        {
            var bytes = new MemoryStream((int)blob.Size);
            try
            {
                await registry.ReadBlobAsync(
                    repository, blob, 0, origins,
                    (part, _) =>
                    {
                        bytes.Write(part.Span);
                        return ValueTask.CompletedTask;
                    },
                    access, cancellationToken).ConfigureAwait(false);
                BlobStore.Check(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), Digest.Parse(blob.Digest), $"The blob {blob.Digest} of '{repository.Repository}'");
                return bytes.ToArray();
            }
            catch (DockerIntegrityException e) when (registry.CanAskOthers(origins, e))
            {
                // A mirror's fault: once more, without it.
            }
        }
    }
}
