using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using DockerPS.Engine.Registry.Transport;

namespace DockerPS.Engine.Registry.Authorization;

/// <summary>
/// Answers challenges: Basic with a name and password, Bearer with a token of the token server that the registry names. Tokens and
/// challenges are kept, so that a later request brings what the registry would ask for.
/// </summary>
internal sealed class RegistryAuthorization(RegistryTransport transport, RegistryLogins logins, RegistryOptions options)
{
    private const string ClientId = "dockerps";
    private const int LongestAnswer = 1 << 20;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, AuthenticationChallenge> _challenges = new();
    private readonly ConcurrentDictionary<TokenKey, KeptToken> _tokens = new();

    private readonly record struct TokenKey(string Realm, string Service, string Scope, RegistryCredential Credential);

    private readonly record struct KeptToken(string Text, long Until);

    /// <summary>What is sent without being asked: what the host asked for before, or null.</summary>
    public async Task<AuthenticationHeaderValue?> KnownAsync(
        RegistryEndpoint endpoint, Uri root, IReadOnlyList<string> scopes, RegistryAccess access, CancellationToken cancellationToken)
    {
        if (!_challenges.TryGetValue(endpoint.Host, out AuthenticationChallenge? challenge)) return null;
        RegistryCredential credential = await CredentialAsync(endpoint, access, cancellationToken).ConfigureAwait(false);
        if (credential.BearerToken.Length > 0) return new AuthenticationHeaderValue("Bearer", credential.BearerToken);
        if (!challenge.IsBearer) return credential.UserName.Length > 0 ? credential.Basic : null;
        // What has a long content must not be sent in vain: a token that has run out is renewed before.
        return new AuthenticationHeaderValue("Bearer", await TokenAsync(endpoint, root, Key(challenge, scopes, credential), access, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The answer to a 401 of a request that had brought <paramref name="refused"/>; null when nothing is known that could change it.</summary>
    /// <exception cref="DockerRegistryException">RegistryUnauthorized, RegistryUnreachable, RegistryFailed: of the token server.</exception>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(
        RegistryEndpoint endpoint, Uri root, HttpResponseMessage response, IReadOnlyList<string> scopes, RegistryAccess access,
        AuthenticationHeaderValue? refused, CancellationToken cancellationToken)
    {
        if (AuthenticationChallenge.Of(response) is not { } challenge) return null;
        // A scope is of one request only.
        _challenges[endpoint.Host] = challenge with { Scope = "" };
        RegistryCredential credential = await CredentialAsync(endpoint, access, cancellationToken).ConfigureAwait(false);
        AuthenticationHeaderValue? answer = null;
        if (credential.BearerToken.Length > 0) answer = new AuthenticationHeaderValue("Bearer", credential.BearerToken);
        else if (!challenge.IsBearer) answer = credential.UserName.Length > 0 ? credential.Basic : null;
        else
        {
            TokenKey key = Key(challenge, scopes, credential);
            if (refused is not null) _tokens.TryRemove(key, out _);
            answer = new AuthenticationHeaderValue("Bearer", await TokenAsync(endpoint, root, key, access, cancellationToken).ConfigureAwait(false));
        }

        return answer is null || (answer.Scheme == refused?.Scheme && answer.Parameter == refused.Parameter) ? null : answer;
    }

    /// <summary>Who the caller is to a host.</summary>
    public async Task<RegistryCredential> CredentialAsync(RegistryEndpoint endpoint, RegistryAccess access, CancellationToken cancellationToken)
    {
        if (endpoint.Foreign) return RegistryCredential.None;
        if (access.Token is { } token) return new RegistryCredential("", "", BearerToken: RegistryCredential.Sendable(token));
        if (access.UserName is { } user) return new RegistryCredential(user, access.Password ?? "");
        return await logins.FindAsync(endpoint.Name, endpoint.Host, endpoint.Repository, cancellationToken).ConfigureAwait(false);
    }

    private static TokenKey Key(AuthenticationChallenge challenge, IReadOnlyList<string> scopes, RegistryCredential credential)
    {
        // What the registry itself asks for counts too; some name repositories otherwise than their address does.
        IEnumerable<string> all = scopes.Concat(challenge.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(s => !Covers(scopes, s)));
        return new TokenKey(challenge.Realm, challenge.Service, string.Join(' ', all.Distinct().Order(StringComparer.Ordinal)), credential);
    }

    private static bool Covers(IReadOnlyList<string> scopes, string scope)
    {
        int colon = scope.LastIndexOf(':');
        if (colon < 0) return false;
        string[] actions = scope[(colon + 1)..].Split(',');
        return scopes.Any(own => own.StartsWith(scope[..(colon + 1)], StringComparison.Ordinal) && actions.All(own[(colon + 1)..].Split(',').Contains));
    }

    private async Task<string> TokenAsync(
        RegistryEndpoint endpoint, Uri root, TokenKey key, RegistryAccess access, CancellationToken cancellationToken)
    {
        if (_tokens.TryGetValue(key, out KeptToken kept) && kept.Until > Environment.TickCount64) return kept.Text;
        TokenAnswer answer = await AskAsync(endpoint, root, key, access, offline: false, cancellationToken).ConfigureAwait(false);
        string text = answer.Token is { Length: > 0 } token ? token : answer.AccessToken ?? "";
        if (!RegistryCredential.IsSendable(text)) throw RegistryErrors.Failed(endpoint.Name, 200, "", $"Its token server {key.Realm} gave no token.", endpoint.Name);
        // The specification's least is 60 seconds, also where nothing or less is said.
        TimeSpan life = TimeSpan.FromSeconds(Math.Clamp(answer.ExpiresIn ?? 60, 60, 86_400));
        _tokens[key] = new KeptToken(text, Environment.TickCount64 + (long)(life - Margin).TotalMilliseconds);
        return text;
    }

    /// <summary>Asks for a token that stands for the password from now on; empty where the server gives none.</summary>
    public async Task<string> RefreshTokenAsync(
        RegistryEndpoint endpoint, Uri root, RegistryCredential credential, RegistryAccess access, CancellationToken cancellationToken)
    {
        if (!_challenges.TryGetValue(endpoint.Host, out AuthenticationChallenge? challenge) || !challenge.IsBearer) return "";
        TokenAnswer answer = await AskAsync(
            endpoint, root, Key(challenge, [], credential), access, offline: true, cancellationToken).ConfigureAwait(false);
        return answer.RefreshToken ?? "";
    }

    private async Task<TokenAnswer> AskAsync(
        RegistryEndpoint endpoint, Uri root, TokenKey key, RegistryAccess access, bool offline, CancellationToken cancellationToken)
    {
        Uri realm = RealmOf(endpoint, root, key, access);
        for (int attempt = 0; ; attempt++)
        {
            TimeSpan wait;
            using HttpRequestMessage request = Request(realm, key, offline);
            using var stall = new StallTimer(options.StallTimeout, cancellationToken);
            try
            {
                using HttpResponseMessage response = await transport.ClientOf(realm.Authority, SkipVerify(endpoint, realm))
                    .SendAsync(request, stall.Token).ConfigureAwait(false);
                byte[] body = await BodyReader.ReadAsync(response, LongestAnswer, stall).ConfigureAwait(false);
                if (response.IsSuccessStatusCode) return JsonSerializer.Deserialize(body, RegistryJson.Default.TokenAnswer) ?? throw new JsonException("null");
                if (attempt >= Repetition.TimesOf(endpoint, options) || Repetition.After(response, attempt, options) is not { } after)
                    throw RegistryErrors.OfTokenServer(endpoint, realm, response, body, key.Credential);
                wait = after;
            }
            catch (Exception e) when (e is JsonException or InvalidDataException)
            {
                throw RegistryErrors.Failed(endpoint.Name, 200, "", $"The token server {realm.Authority} answered what is no token.", endpoint.Name, e);
            }
            catch (Exception e) when (RegistryErrors.OfTransport(e, realm, endpoint.Name, transport, SkipVerify(endpoint, realm), stall) is { } error)
            {
                throw error;
            }

            await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool SkipVerify(RegistryEndpoint endpoint, Uri realm) => endpoint.SkipVerify && realm.Authority == endpoint.Host;

    private static HttpRequestMessage Request(Uri realm, TokenKey key, bool offline)
    {
        if (key.Credential.IdentityToken.Length > 0)
        {
            return new HttpRequestMessage(HttpMethod.Post, realm)
            {
                Content = new FormUrlEncodedContent(
                [
                    new("grant_type", "refresh_token"), new("service", key.Service), new("client_id", ClientId), new("scope", key.Scope),
                    new("refresh_token", key.Credential.IdentityToken),
                ]),
            };
        }

        var query = new List<string>();
        if (key.Service.Length > 0) query.Add("service=" + Uri.EscapeDataString(key.Service));
        query.AddRange(key.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(scope => "scope=" + Uri.EscapeDataString(scope)));
        if (key.Credential.UserName.Length > 0) query.Add("account=" + Uri.EscapeDataString(key.Credential.UserName));
        if (offline) query.Add($"offline_token=true&client_id={ClientId}");
        string join = realm.Query.Length > 0 ? "&" : "?";
        var request = new HttpRequestMessage(HttpMethod.Get, query.Count > 0 ? new Uri(realm + join + string.Join('&', query)) : realm);
        if (key.Credential.UserName.Length > 0) request.Headers.Authorization = key.Credential.Basic;
        return request;
    }

    /// <summary>The token server's address; a password must not go in plain text to a host that a registry with TLS names.</summary>
    private static Uri RealmOf(RegistryEndpoint endpoint, Uri root, TokenKey key, RegistryAccess access)
    {
        if (!Uri.TryCreate(key.Realm, UriKind.Absolute, out Uri? realm) || (realm.Scheme != Uri.UriSchemeHttps && realm.Scheme != Uri.UriSchemeHttp))
            throw RegistryErrors.Failed(endpoint.Name, 401, "", $"It names '{key.Realm}' as its token server, which is no address.", endpoint.Name);
        bool plain = realm.Scheme == Uri.UriSchemeHttp && !RegistryEndpoint.IsLoopback(realm.Authority);
        if (plain && root.Scheme == Uri.UriSchemeHttps && !access.Insecure && !key.Credential.IsNone)
        {
            throw RegistryErrors.Failed(
                endpoint.Name, 401, "", $"It names the token server {realm.Authority} without TLS, to which no password is sent. Use -Insecure if that network is safe.",
                endpoint.Name);
        }

        return realm;
    }
}
