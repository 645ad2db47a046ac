using DockerPS.Engine.Registry.Authorization;
using DockerPS.Engine.Registry.Transport;
using DockerPS.Oci.References;
using Microsoft.Extensions.Logging;

namespace DockerPS.Engine.Registry;

/// <summary>
/// Speaks to registries (OCI distribution-spec 1.1, and Docker's API v2 before it). One for an engine: it pools connections and keeps tokens. Safe
/// for use by many threads.
/// </summary>
internal sealed partial class RegistryClient : IDisposable
{
    private readonly RegistryOptions _options;
    private readonly ILogger _logger;
    private readonly RegistryTransport _transport;
    private readonly RegistryLogins _logins;
    private readonly RegistryAuthorization _authorization;
    private readonly RegistrySchemes _schemes;
    private readonly RegistryEndpoints _endpoints;

    public RegistryClient(EngineOptions options, ILogger logger)
    {
        _options = options.Registry;
        _logger = logger;
        _transport = new RegistryTransport(_options);
        _logins = new RegistryLogins(_options);
        _authorization = new RegistryAuthorization(_transport, _logins, _options);
        _endpoints = new RegistryEndpoints(_options);
        _schemes = new RegistrySchemes(_transport, _options);
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private RegistrySession Session(RegistryEndpoint endpoint, RegistryAccess access) =>
        new(endpoint, endpoint.Mirror ? access.Anonymous : access, _transport, _authorization, _schemes, _options, _logger);

    /// <summary>Asks one endpoint after the other; a mirror's failure is only told in the log, and what it sent wrong as a warning.</summary>
    private async Task<T> AskAsync<T>(
        ImageReference reference, RegistryAccess access, Func<RegistrySession, Task<T>> ask, Func<RegistryEndpoint, bool>? isWanted = null)
    {
        foreach (RegistryEndpoint endpoint in _endpoints.For(reference, access, push: false))
        {
            if (isWanted?.Invoke(endpoint) == false) continue;
            try
            {
                return await ask(Session(endpoint, access)).ConfigureAwait(false);
            }
            catch (DockerException e) when (endpoint.Mirror)
            {
                if (IsWrong(e)) LogWrong(endpoint.Host, e.Message);
                else LogMirror(endpoint.Host, e.Message);
            }
        }

        throw new InvalidOperationException("No endpoint is the last.");
    }

    /// <summary>Whether it answered, but with what cannot be right.</summary>
    private static bool IsWrong(DockerException error) =>
        error is DockerIntegrityException or DockerRegistryException { ErrorId: "ManifestUnsupported" or "ManifestTooLarge" };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Host} is passed over: {Reason}")]
    private partial void LogWrong(string host, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The mirror {Host} cannot serve: {Reason}")]
    private partial void LogMirror(string host, string reason);
}
