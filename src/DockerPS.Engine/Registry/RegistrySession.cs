using System.Net;
using System.Net.Http.Headers;
using DockerPS.Engine.Registry.Authorization;
using DockerPS.Engine.Registry.Transport;
using Microsoft.Extensions.Logging;

namespace DockerPS.Engine.Registry;

/// <summary>Requests of one caller to one endpoint: authorised, redirected, and repeated when the registry is in trouble.</summary>
internal sealed partial class RegistrySession(
    RegistryEndpoint endpoint, RegistryAccess access, RegistryTransport transport, RegistryAuthorization authorization, RegistrySchemes schemes,
    RegistryOptions options, ILogger logger)
{
    private const int MostRedirects = 5;
    private const int LongestError = 64 << 10;

    public RegistryEndpoint Endpoint => endpoint;

    public RegistryAccess Access => access;

    /// <summary>The answer of any status; its body is not read yet. What is transient was repeated.</summary>
    /// <exception cref="DockerRegistryException">RegistryUnreachable, RegistryCertificateUntrusted, RegistryProxyFailed, RegistryUnauthorized.</exception>
    public async Task<HttpResponseMessage> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            bool last = attempt >= Repetition.TimesOf(endpoint, options) || !request.Repeatable;
            TimeSpan wait = Delay(attempt);
            try
            {
                HttpResponseMessage response = await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
                if (last || Repetition.After(response, attempt, options) is not { } after) return response;
                wait = after;
                LogStatus(endpoint.Host, (int)response.StatusCode, wait.TotalSeconds);
                response.Dispose();
            }
            // Who was silent for all the time twice is not waited for any longer.
            catch (DockerRegistryException e) when (!last && RegistryErrors.IsTransient(e) && (attempt == 0 || e.InnerException is not TimeoutException))
            {
                LogFailure(endpoint.Host, e.Message, wait.TotalSeconds);
            }

            await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="Repetition.Delay"/>
    public TimeSpan Delay(int attempt) => Repetition.Delay(attempt, options);

    /// <summary>The error that an answer is.</summary>
    public async Task<DockerRegistryException> ErrorAsync(HttpResponseMessage response, string subject, CancellationToken cancellationToken)
    {
        byte[] body = await ErrorBodyAsync(response, cancellationToken).ConfigureAwait(false);
        RegistryCredential credential = await authorization.CredentialAsync(endpoint, access, cancellationToken).ConfigureAwait(false);
        int status = (int)response.StatusCode;
        Uri root = await RootAsync(cancellationToken).ConfigureAwait(false);
        if (AddressOf(response, root) is var address && !IsSameOrigin(address, root))
            return RegistryErrors.Failed(endpoint.Name, status, RegistryErrors.Read(body).Code, $"It sends to {address.Authority}, and that answered so.", subject);
        bool silent = RegistryErrors.Read(body).Code.Length == 0;
        if (!silent || status is not (404 or 405 or 400 or 501) || await IsRegistryAsync(cancellationToken).ConfigureAwait(false))
            return RegistryErrors.OfResponse(endpoint, response, body, subject, credential);
        schemes.Forget(endpoint);
        return RegistryErrors.NotARegistry(endpoint, status, subject);
    }

    /// <summary>Whether the API's root answers as the specification says (OCI distribution-spec, end-1).</summary>
    public async Task<bool> IsRegistryAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(new RegistryRequest(HttpMethod.Get, ""), cancellationToken).ConfigureAwait(false);
        return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            && response.Content.Headers.ContentType?.MediaType is not "text/html";
    }

    /// <summary>The address that targets are below: <c>https://host/v2/</c>.</summary>
    public Task<Uri> RootAsync(CancellationToken cancellationToken) => schemes.RootAsync(endpoint, cancellationToken);

    private async Task<HttpResponseMessage> SendOnceAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        Uri root = await RootAsync(cancellationToken).ConfigureAwait(false);
        AuthenticationHeaderValue? known = await authorization.KnownAsync(endpoint, root, request.Scopes, access, cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response = await FollowAsync(request, root, known, cancellationToken).ConfigureAwait(false);
        // Who the user is to the registry is asked by nobody else: not by a host to which it sends, nor by one that a manifest names.
        if (response.StatusCode != HttpStatusCode.Unauthorized || endpoint.Foreign || !IsSameOrigin(AddressOf(response, root), root)) return response;
        AuthenticationHeaderValue? answer = await authorization.AnswerAsync(
            endpoint, root, response, request.Scopes, access, known, cancellationToken).ConfigureAwait(false);
        if (answer is null) return response;
        response.Dispose();
        return await FollowAsync(request, root, answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends it, and again to where the registry says; what the registry may know no other host is told.</summary>
    private async Task<HttpResponseMessage> FollowAsync(
        RegistryRequest request, Uri root, AuthenticationHeaderValue? authorizationOf, CancellationToken cancellationToken)
    {
        Uri address = request.AddressAt(root);
        for (int hops = 0; ; hops++)
        {
            bool own = IsSameOrigin(address, root);
            string host = own ? endpoint.Host : address.Authority;
            bool skipVerify = own ? endpoint.SkipVerify : access.Insecure;
            using var stall = new StallTimer(options.StallTimeout * request.Patience, cancellationToken);
            HttpRequestMessage message = request.Message(address, stall);
            if (own) message.Headers.Authorization = authorizationOf;
            HttpResponseMessage response;
            try
            {
                response = await transport.ClientOf(host, skipVerify).SendAsync(message, stall.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (RegistryErrors.OfTransport(e, address, endpoint.Name, transport, skipVerify, stall) is { } error)
            {
                if (own) schemes.Forget(endpoint);
                throw error;
            }

            // With the others the method changes, and what was sent is gone (RFC 9110, 15.4).
            if (!IsRedirect(response) || (request.Content is not null && response.StatusCode is not (HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)))
                return response;
            if (!Uri.TryCreate(address, response.Headers.Location, out Uri? next)) return response;
            response.Dispose();
            if (hops == MostRedirects) throw Redirect($"It redirects more than {MostRedirects} times.", next);
            if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttp) throw Redirect($"It redirects to '{next}', which is no web address.", next);
            if (address.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp && !access.Insecure && !endpoint.AllowHttp)
                throw Redirect($"It redirects to {next.Authority} without TLS. Use -Insecure if that network is safe.", next);
            address = next;
        }
    }

    private DockerRegistryException Redirect(string text, Uri next) => RegistryErrors.Failed(endpoint.Name, 307, "", text, next.Authority);

    private async Task<byte[]> ErrorBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var stall = new StallTimer(options.StallTimeout, cancellationToken);
        try
        {
            return await BodyReader.ReadAsync(response, LongestError, stall).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or HttpRequestException || (e is OperationCanceledException && stall.Expired))
        {
            // The status alone must do.
            return [];
        }
    }

    /// <summary>Where an answer came from after all redirects.</summary>
    private static Uri AddressOf(HttpResponseMessage response, Uri root) => response.RequestMessage?.RequestUri ?? root;

    private static bool IsSameOrigin(Uri one, Uri other) => one.Scheme == other.Scheme && one.Host == other.Host && one.Port == other.Port;

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;

    [LoggerMessage(Level = LogLevel.Information, Message = "{Host} answered {Status}; asking again in {Seconds:0.0} s")]
    private partial void LogStatus(string host, int status, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Host}: {Failure} Asking again in {Seconds:0.0} s")]
    private partial void LogFailure(string host, string failure, double seconds);
}
