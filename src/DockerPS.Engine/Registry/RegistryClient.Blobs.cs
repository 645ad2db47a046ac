using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

internal sealed partial class RegistryClient
{
    /// <summary>A manifest may name thousands of places, each of which lets us wait.</summary>
    private const int MostUrls = 8;

    /// <summary>
    /// Gives every byte of a blob from <paramref name="offset"/> on to <paramref name="sink"/>, once and in order. After cuts and stalls it goes on by
    /// Range where it was, also at the next endpoint. The digest is the caller's to verify, who asks <see cref="CanAskOthers"/> when it is wrong; more
    /// bytes than the descriptor says never come.
    /// </summary>
    /// <exception cref="DockerRegistryException">As <see cref="GetManifestAsync"/>.</exception>
    /// <exception cref="DockerIntegrityException">SizeMismatch: the registry has more or fewer bytes than the descriptor says.</exception>
    public async Task ReadBlobAsync(
        ImageReference repository, Descriptor blob, long offset, BlobOrigins origins, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink,
        RegistryAccess access, CancellationToken cancellationToken)
    {
        var reader = new BlobReader(blob, offset, origins, sink, _options);
        if (MediaTypes.IsForeignLayer(blob.MediaType))
        {
            foreach (string text in (blob.Urls ?? []).Take(MostUrls))
            {
                if (await TryForeignAsync(text, reader, origins, cancellationToken).ConfigureAwait(false)) return;
            }
        }

        await AskAsync(repository, access, async session =>
        {
            await reader.ReadAsync(session, $"{session.Endpoint.Repository}/blobs/{blob.Digest}", cancellationToken).ConfigureAwait(false);
            return true;
        }, origins.MayServe).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether a blob that came wrong may be had right from somebody else. Mirrors that had a part in it are told of, and passed over when it is read again from
    /// its beginning.
    /// </summary>
    public bool CanAskOthers(BlobOrigins origins, DockerIntegrityException error)
    {
        IReadOnlyList<string> blamed = origins.Blame();
        foreach (string host in blamed) LogWrong(host, error.Message);
        return blamed.Count > 0;
    }

    /// <summary>A layer that its maker does not let others distribute; where it is to be had nobody knows the user.</summary>
    private async Task<bool> TryForeignAsync(string text, BlobReader reader, BlobOrigins origins, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)) return false;
        var endpoint = new RegistryEndpoint { Host = address.Authority, Name = address.Authority, Repository = "", Scheme = address.Scheme, Foreign = true };
        if (!origins.MayServe(endpoint)) return false;
        try
        {
            await reader.ReadAsync(Session(endpoint, RegistryAccess.Default), address.AbsoluteUri, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DockerException e) when (e is DockerRegistryException or DockerIntegrityException)
        {
            LogMirror(address.Authority, e.Message);
            return false;
        }
    }
}
