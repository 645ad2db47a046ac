using System.Net;
using System.Net.Http.Headers;
using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Registry;

/// <summary>
/// Brings blobs and manifests into one repository (OCI distribution-spec, push). Nothing is there under a name before all of it is: an upload
/// that is broken off is the registry's to forget.
/// </summary>
internal sealed partial class RegistryUpload(RegistrySession session, string subject, RegistryOptions options)
{
    private const int BufferLength = 1 << 20;

    /// <summary>A registry may be busy for long with storing what it was sent.</summary>
    private const int Patience = 10;

    private readonly string _repository = session.Endpoint.Repository;
    private readonly string[] _scopes = [RegistryRequest.PushScope(session.Endpoint.Repository)];

    public string Registry => session.Endpoint.Name;

    /// <summary>Whether the repository has a blob.</summary>
    public async Task<bool> HasAsync(string digest, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Head, $"{_repository}/blobs/{digest}") { Scopes = _scopes };
        using HttpResponseMessage response = await session.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound) return response.StatusCode == HttpStatusCode.OK;
        // What is wrong is only said in a body, and HEAD has none.
        using HttpResponseMessage said = await session.SendAsync(request with { Method = HttpMethod.Get }, cancellationToken).ConfigureAwait(false);
        return said.IsSuccessStatusCode || said.StatusCode == HttpStatusCode.NotFound
            ? said.IsSuccessStatusCode
            : throw await session.ErrorAsync(said, subject, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings a blob there: by finding it, by mounting it from one of these repositories, or by sending it.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="mountFrom">Repositories of the same registry that may have it.</param>
    /// <param name="progress">Called with the bytes sent.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    public async Task<BlobPush> PushAsync(
        BlobSource blob, IReadOnlyList<string> mountFrom, Action<long>? progress, CancellationToken cancellationToken)
    {
        if (await HasAsync(blob.Digest, cancellationToken).ConfigureAwait(false)) return BlobPush.Existing;
        Uri? upload = null;
        foreach (string other in mountFrom.Where(name => name != _repository))
        {
            (bool mounted, upload) = await MountAsync(blob.Digest, other, cancellationToken).ConfigureAwait(false);
            if (mounted) return BlobPush.Mounted;
        }

        await SendAsync(blob, upload, progress, cancellationToken).ConfigureAwait(false);
        return BlobPush.Uploaded;
    }

    /// <summary>Asks for a blob of another repository (end-11).</summary>
    /// <returns>Whether it is there now; else the upload that the registry began in its place.</returns>
    public async Task<(bool Mounted, Uri? Upload)> MountAsync(string digest, string from, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(
            HttpMethod.Post, $"{_repository}/blobs/uploads/?mount={Uri.EscapeDataString(digest)}&from={Uri.EscapeDataString(from)}")
        {
            Scopes = [.. _scopes, RegistryRequest.PullScope(from)],
            Content = Nothing,
            // Who may not read the other repository may still write this one.
            Repeatable = false,
        };
        try
        {
            using HttpResponseMessage response = await session.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return response.StatusCode switch
            {
                HttpStatusCode.Created => (true, null),
                HttpStatusCode.Accepted => (false, await LocationAsync(response, cancellationToken).ConfigureAwait(false)),
                _ => (false, null),
            };
        }
        catch (DockerRegistryException e) when (RegistryErrors.IsTransient(e))
        {
            // It would only have saved the sending.
            return (false, null);
        }
    }

    /// <summary>Puts a manifest under a tag or digest; all that it names must be there.</summary>
    /// <returns>Its digest.</returns>
    public async Task<Digest> PutManifestAsync(string which, string mediaType, byte[] bytes, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Put, $"{_repository}/manifests/{which}")
        {
            Scopes = _scopes,
            Patience = Patience,
            Content = _ =>
            {
                var content = new ByteArrayContent(bytes);
                content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
                return content;
            },
        };
        using HttpResponseMessage response = await session.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw await session.ErrorAsync(response, subject, cancellationToken).ConfigureAwait(false);
        Digest digest = Digest.Of(bytes);
        string? said = response.Headers.TryGetValues("Docker-Content-Digest", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
        return !Digest.TryParse(said, out Digest other) || other.Algorithm != digest.Algorithm || other == digest
            ? digest
            : throw new DockerIntegrityException(
                "DigestMismatch", $"The registry {Registry} stored '{subject}' with the digest {other}, and it was sent with {digest}: something before it changed it.", subject);
    }

    private async Task<Uri> LocationAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Uri root = await session.RootAsync(cancellationToken).ConfigureAwait(false);
        if (!Uri.TryCreate(response.RequestMessage?.RequestUri ?? root, response.Headers.Location, out Uri? address)
            || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
            throw RegistryErrors.Failed(Registry, (int)response.StatusCode, "", "It does not say where to upload to.", subject);
        if (root.Scheme != Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttps) return address;
        // A registry behind a proxy that ends TLS often does not know that it is.
        if (address.Host == root.Host) return new UriBuilder(address) { Scheme = Uri.UriSchemeHttps, Port = root.Port }.Uri;
        throw RegistryErrors.Failed(Registry, (int)response.StatusCode, "", $"It wants an upload to {address.Authority} without TLS.", subject);
    }

    private static HttpContent Nothing(Transport.StallTimer stall) => new ByteArrayContent([]);
}
