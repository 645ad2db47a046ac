using System.Collections.Concurrent;
using System.Net;
using DockerPS.Engine.Registry.Transport;

namespace DockerPS.Engine.Registry;

/// <summary>
/// Whether a host speaks TLS. All must, but those that may do without: this machine, and what the user calls insecure. These are asked once.
/// </summary>
internal sealed class RegistrySchemes(RegistryTransport transport, RegistryOptions options)
{
    private readonly ConcurrentDictionary<(string Host, bool SkipVerify), string> _known = new();

    /// <summary>The address of the API: <c>https://host/v2/</c>.</summary>
    public async Task<Uri> RootAsync(RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (endpoint.Scheme is { } given) return Root(endpoint, given);
        if (!endpoint.AllowHttp) return Root(endpoint, Uri.UriSchemeHttps);
        if (_known.TryGetValue((endpoint.Host, endpoint.SkipVerify), out string? known)) return Root(endpoint, known);
        string found = await FindAsync(endpoint, cancellationToken).ConfigureAwait(false);
        _known[(endpoint.Host, endpoint.SkipVerify)] = found;
        return Root(endpoint, found);
    }

    /// <summary>To be called when a host did not answer as a registry does: it may speak otherwise now, and is asked anew next time.</summary>
    public void Forget(RegistryEndpoint endpoint) => _known.TryRemove((endpoint.Host, endpoint.SkipVerify), out _);

    private static Uri Root(RegistryEndpoint endpoint, string scheme) => new($"{scheme}://{endpoint.Host}{endpoint.BasePath}/v2/");

    private async Task<string> FindAsync(RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        // On this machine plain HTTP is as safe and nearly always meant; elsewhere TLS is tried first.
        bool plainFirst = RegistryEndpoint.IsLoopback(endpoint.Host);
        (string first, string second) = plainFirst ? (Uri.UriSchemeHttp, Uri.UriSchemeHttps) : (Uri.UriSchemeHttps, Uri.UriSchemeHttp);
        DockerRegistryException failure;
        bool speaksTls = false;
        try
        {
            // A server of TLS tells a plain request that it is a bad one.
            if (await PingAsync(endpoint, first, cancellationToken).ConfigureAwait(false) is not (HttpStatusCode.BadRequest or HttpStatusCode.UpgradeRequired)) return first;
            failure = RegistryErrors.NotARegistry(endpoint, 400, endpoint.Name);
            speaksTls = true;
        }
        // Who takes a plain request without a word does so with others; TLS would have closed the connection.
        catch (DockerRegistryException e) when (!plainFirst || e.InnerException is not TimeoutException)
        {
            failure = e;
        }

        try
        {
            await PingAsync(endpoint, second, cancellationToken).ConfigureAwait(false);
            return second;
        }
        catch (DockerRegistryException e) when (!speaksTls && e.ErrorId is not ("RegistryCertificateUntrusted" or "RegistryCertificateInvalid" or "NotARegistry"))
        {
            // Nobody is there, or it speaks neither: what was tried first is what is meant. Else it is TLS that is spoken and its failure that counts.
            throw failure;
        }
    }

    private async Task<HttpStatusCode> PingAsync(RegistryEndpoint endpoint, string scheme, CancellationToken cancellationToken)
    {
        Uri root = Root(endpoint, scheme);
        using var stall = new StallTimer(options.StallTimeout, cancellationToken);
        using var message = new HttpRequestMessage(HttpMethod.Get, root);
        try
        {
            using HttpResponseMessage response = await transport.ClientOf(endpoint.Host, endpoint.SkipVerify).SendAsync(message, stall.Token).ConfigureAwait(false);
            return response.StatusCode;
        }
        catch (Exception e) when (RegistryErrors.OfTransport(e, root, endpoint.Name, transport, endpoint.SkipVerify, stall) is { } error)
        {
            throw error;
        }
    }
}
