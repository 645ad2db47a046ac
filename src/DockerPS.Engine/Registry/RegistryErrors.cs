using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using DockerPS.Engine.Registry.Authorization;
using DockerPS.Engine.Registry.Transport;

namespace DockerPS.Engine.Registry;

/// <summary>What a registry's refusal or silence means for the user: each error names registry, status and code.</summary>
internal static class RegistryErrors
{
    private const int LongestText = 300;

    /// <summary>The error of an answer.</summary>
    /// <param name="endpoint">Who answered.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="body">The answer's body, as far as it is worth reading.</param>
    /// <param name="subject">What was asked for, as the user wrote it.</param>
    /// <param name="credential">Who asked.</param>
    public static DockerRegistryException OfResponse(
        RegistryEndpoint endpoint, HttpResponseMessage response, ReadOnlySpan<byte> body, string subject, RegistryCredential credential)
    {
        (string code, string text) = Read(body);
        int status = (int)response.StatusCode;
        string said = Said(status, code, text);
        string registry = endpoint.Name;
        return status switch
        {
            401 => new(
                "RegistryUnauthorized",
                (credential.IsNone
                    ? $"The registry {registry} wants a login for '{subject}' {said}. The name may be wrong, or the repository private:"
                    : $"The registry {registry} refused {Who(credential)}{(subject == registry ? "" : $" for '{subject}'")} {said}. Check user name, password and rights:")
                + $" log in with Connect-ContainerRegistry {registry}, or give -Credential.",
                subject, registry, status, code),
            403 => new(
                "RegistryDenied",
                $"The registry {registry} does not let {Who(credential)} do this with '{subject}' {said}. Ask for the right, or use another login with -Credential.",
                subject, registry, status, code),
            404 => new(
                "RemoteImageNotFound",
                $"The registry {registry} has no '{subject}' {said}. Check the name; Get-ContainerImageTag lists a repository's tags.", subject, registry, status, code),
            407 => Proxy(registry, response.RequestMessage?.RequestUri ?? new Uri($"https://{endpoint.Host}/"), new HttpRequestException("it wants a login", null, response.StatusCode)),
            429 => new(
                "RegistryTooManyRequests",
                $"The registry {registry} refuses more requests for '{subject}'{RetryHint(response)} {said}. Wait, or log in: many registries allow known users more.",
                subject, registry, status, code),
            _ => Failed(registry, status, code, text.Length > 0 ? text : $"It failed with '{subject}'.", subject),
        };
    }

    public static DockerRegistryException OfTokenServer(
        RegistryEndpoint endpoint, Uri realm, HttpResponseMessage response, ReadOnlySpan<byte> body, RegistryCredential credential)
    {
        (string code, string text) = Read(body);
        int status = (int)response.StatusCode;
        // A token server answers 400 to a refresh token that it does not know (RFC 6749 5.2).
        bool refused = status is 401 or 403 || (status == 400 && credential.IdentityToken.Length > 0);
        return refused
            ? new DockerRegistryException(
                "RegistryUnauthorized",
                $"The registry {endpoint.Name} refused {Who(credential)} at its token server {realm.Authority} {Said(status, code, text)}. "
                + $"Check user name and password: log in with Connect-ContainerRegistry {endpoint.Name}, or give -Credential.",
                endpoint.Name, endpoint.Name, status, code)
            : status == 429
                ? OfResponse(endpoint, response, body, endpoint.Name, credential)
                : Failed(endpoint.Name, status, code, $"Its token server {realm.Authority} failed. {text}".TrimEnd(), endpoint.Name);
    }

    /// <summary>A registry that does what it should not.</summary>
    public static DockerRegistryException Failed(string registry, int status, string code, string text, string subject, Exception? inner = null) => new(
        "RegistryFailed", $"The registry {registry} failed {Said(status, code, "")}. {text} Repeat the command later, or ask who runs the registry.",
        subject, registry, status, code, inner);

    public static DockerRegistryException NotARegistry(RegistryEndpoint endpoint, int status, string subject) => new(
        "NotARegistry",
        $"{endpoint.Host} answers, but is no registry: it does not speak the distribution API (status {status}). Check host and port of '{subject}'.",
        subject, endpoint.Name, status);

    /// <summary>The error of a request without an answer; null when the exception is of another kind (the caller stopped it).</summary>
    public static DockerRegistryException? OfTransport(
        Exception exception, Uri address, string registry, RegistryTransport transport, bool skipVerify, StallTimer? stall)
    {
        string host = address.Authority;
        switch (exception)
        {
            case OperationCanceledException when stall?.Expired == true:
                return Unreachable(registry, host, "it did not answer in time", new TimeoutException(exception.Message, exception));
            // Connecting has a limit of its own, which .NET tells as a cancellation.
            case OperationCanceledException { InnerException: TimeoutException }:
                return Unreachable(registry, host, "nobody took the connection in time", exception);
            case HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } or HttpRequestException { StatusCode: HttpStatusCode.ProxyAuthenticationRequired }:
                return Proxy(registry, address, exception);
            case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } when transport.CertificateProblem(host, skipVerify) is { } problem:
                return new DockerRegistryException(
                    "RegistryCertificateUntrusted",
                    $"The certificate of {host} is not trusted: {problem}. Put the authority's certificate into /etc/docker/certs.d/{host}/ca.crt, or use "
                    + "-Insecure where nobody can listen.",
                    registry, registry, inner: exception);
            case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                return Unreachable(
                    registry, host, $"it does not speak TLS as it should ({Innermost(exception)}); a registry with plain HTTP needs -Insecure", exception);
            case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }:
                return new DockerRegistryException(
                    "NotARegistry", $"{host} answers, but is no registry: it does not speak HTTP as it should ({Innermost(exception).TrimEnd('.')}). Check host and port.",
                    registry, registry, inner: exception);
            case HttpRequestException e when EnvironmentProxy.Instance.GetProxy(address) is not null && e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError:
                return Proxy(registry, address, exception);
            case HttpRequestException or IOException or SocketException or AuthenticationException:
                return Unreachable(registry, host, Innermost(exception), exception);
            default:
                return null;
        }
    }

    /// <summary>Whether the same request may succeed in a moment: it was cut or not answered. Who refuses a connection goes on doing so.</summary>
    public static bool IsTransient(DockerRegistryException error) => error.ErrorId == "RegistryUnreachable" && error.InnerException switch
    {
        TimeoutException => true,
        // The kernel has tried several times by then.
        OperationCanceledException => false,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded
        } => false,
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => false,
        _ => true,
    };

    /// <summary>Code and text of an error's JSON, also as token servers write it; empty when there is none.</summary>
    public static (string Code, string Text) Read(ReadOnlySpan<byte> body)
    {
        try
        {
            ErrorAnswer.ErrorItem? item = JsonSerializer.Deserialize(body, RegistryJson.Default.ErrorAnswer)?.Errors?.FirstOrDefault();
            return (Clean(item?.Code), Clean(item?.Message));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return ("", "");
        }
    }

    private static DockerRegistryException Unreachable(string registry, string host, string reason, Exception? inner) => new(
        "RegistryUnreachable", $"The registry {registry} cannot be reached at {host}: {reason.TrimEnd('.')}. Check its name, the network and proxy settings.",
        registry, registry, inner: inner);

    private static DockerRegistryException Proxy(string registry, Uri address, Exception inner)
    {
        Uri? proxy = EnvironmentProxy.Instance.GetProxy(address);
        int status = inner is HttpRequestException { StatusCode: { } code } ? (int)code : 0;
        string reason = status switch
        {
            407 => "it wants a name and password (status 407), which stand in its address as http://NAME:PASSWORD@HOST:PORT",
            > 0 => $"it refuses (status {status})",
            _ => Innermost(inner).TrimEnd('.'),
        };
        return new DockerRegistryException(
            "RegistryProxyFailed",
            $"The registry {registry} cannot be reached through the proxy {proxy?.Authority}: {reason}. Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
            registry, registry, status, inner: inner);
    }

    private static string Who(RegistryCredential credential) =>
        credential.UserName.Length > 0 ? $"the user '{credential.UserName}'" : credential.IsNone ? "who is not logged in" : "the token";

    private static string Said(int status, string code, string text) =>
        $"(status {status}{(code.Length > 0 ? $", code {code}" : "")}{(text.Length > 0 ? $": {text.TrimEnd('.')}" : "")})";

    private static string RetryHint(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after && (after.Delta ?? after.Date - DateTimeOffset.UtcNow) is { } wait && wait > TimeSpan.Zero
            ? $" for {(int)Math.Ceiling(wait.TotalSeconds)} s"
            : "";

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner) exception = inner;
        return Clean(exception.Message);
    }

    /// <summary>What others wrote goes to a terminal: no control characters, no novels.</summary>
    private static string Clean(string? text)
    {
        if (text is null) return "";
        string line = string.Concat(text.Take(LongestText).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return text.Length > LongestText ? line + "…" : line;
    }
}
