using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace DockerPS.Engine.Registry.Authorization;

/// <summary>
/// Logins that Docker's tools and podman's share: Docker's <c>config.json</c> with the credential helpers that it names, then the login files of
/// podman and skopeo.
/// </summary>
internal sealed partial class RegistryLogins(RegistryOptions options)
{
    private const string DockerHub = "docker.io";

    /// <summary>How Docker calls Docker Hub among logins.</summary>
    private const string DockerHubKey = "https://index.docker.io/v1/";

    /// <summary>A helper is a process, and one pull asks often.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, (RegistryCredential Credential, string Stamp, long Until)> _found = new();

    private string ConfigPath => Path.Combine(options.DockerConfigDirectory, "config.json");

    /// <summary>The login for a registry; <see cref="RegistryCredential.None"/> when there is none.</summary>
    /// <param name="registry">As people call it.</param>
    /// <param name="host">As it is reached; other than the registry for a mirror.</param>
    /// <param name="repository">Podman's logins may be for a part of a registry.</param>
    /// <param name="cancellationToken">Ends a helper.</param>
    /// <exception cref="DockerRegistryException">CredentialStoreFailed: the file or a helper is damaged.</exception>
    public async Task<RegistryCredential> FindAsync(string registry, string host, string repository, CancellationToken cancellationToken)
    {
        string name = host is RegistryEndpoint.DockerHub ? DockerHub : host;
        string stamp = Stamp();
        string key = $"{name}/{repository}";
        if (_found.TryGetValue(key, out var kept) && kept.Stamp == stamp && kept.Until > Environment.TickCount64) return kept.Credential;
        RegistryCredential found = await FindInDockerAsync(name, cancellationToken).ConfigureAwait(false);
        if (found.IsNone) found = FindInContainers(name, repository);
        _found[key] = (found, stamp, Environment.TickCount64 + (long)Remembered.TotalMilliseconds);
        return found;
    }

    /// <summary>Names under which a registry's login may be kept, the usual one first.</summary>
    private static string[] KeysOf(string registry) => registry == DockerHub
        ? [DockerHubKey, "index.docker.io", DockerHub, RegistryEndpoint.DockerHub, "https://index.docker.io/v2/", "https://registry-1.docker.io/v2/"]
        : [registry, $"https://{registry}", $"http://{registry}", $"https://{registry}/v1/", $"https://{registry}/v2/", $"http://{registry}/v1/", $"http://{registry}/v2/"];

    private string Stamp() => string.Join('|', RegistryOptions.Paths(options.ContainersLogins).Prepend(ConfigPath)
        .Select(path => new FileInfo(path)).Where(file => file.Exists).Select(file => $"{file.FullName}:{file.LastWriteTimeUtc.Ticks}:{file.Length}"));

    private async Task<RegistryCredential> FindInDockerAsync(string registry, CancellationToken cancellationToken)
    {
        if (Read(ConfigPath) is not { } config) return RegistryCredential.None;
        if (HelperOf(config, registry) is { } helper)
        {
            foreach (string key in registry == DockerHub ? KeysOf(registry) : [registry, $"https://{registry}"])
            {
                RegistryCredential stored = await helper.GetAsync(key, cancellationToken).ConfigureAwait(false);
                if (!stored.IsNone) return stored;
            }
        }

        return FindIn(config, KeysOf(registry));
    }

    private RegistryCredential FindInContainers(string registry, string repository)
    {
        foreach (string path in RegistryOptions.Paths(options.ContainersLogins))
        {
            if (Read(path) is not { } config) continue;
            // The longest name counts: registry/a/b before registry/a before registry.
            var keys = new List<string>();
            for (string name = $"{registry}/{repository}"; name.Length > registry.Length; name = name[..name.LastIndexOf('/')]) keys.Add(name);
            RegistryCredential found = FindIn(config, [.. keys, .. KeysOf(registry)]);
            if (!found.IsNone) return found;
        }

        return RegistryCredential.None;
    }

    private static RegistryCredential FindIn(JsonObject config, IEnumerable<string> keys)
    {
        if (config["auths"] is not JsonObject logins) return RegistryCredential.None;
        foreach (string key in keys)
        {
            if (logins[key] is JsonObject login && OfLogin(login) is { IsNone: false } credential) return credential;
        }

        return RegistryCredential.None;
    }

    private static RegistryCredential OfLogin(JsonObject login)
    {
        string user = Text(login, "username"), password = Text(login, "password");
        if (Text(login, "auth") is { Length: > 0 } auth)
        {
            var bytes = new byte[auth.Length];
            if (Convert.TryFromBase64String(auth, bytes, out int length))
            {
                string[] parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
                if (parts.Length == 2) (user, password) = (parts[0], parts[1].TrimEnd('\0'));
            }
        }

        return new RegistryCredential(user, password, Text(login, "identitytoken"), Text(login, "registrytoken"));
    }

    private static string Text(JsonObject item, string name) =>
        item[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private CredentialHelper? HelperOf(JsonObject config, string registry)
    {
        if (config["credHelpers"] is JsonObject helpers)
        {
            foreach (string key in KeysOf(registry))
            {
                if (Text(helpers, key) is { Length: > 0 } own) return new CredentialHelper(own, registry);
            }
        }

        return Text(config, "credsStore") is { Length: > 0 } store ? new CredentialHelper(store, registry) : null;
    }

    private static JsonObject? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject : null;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DockerRegistryException(
                "CredentialStoreFailed", $"The file with logins '{path}' cannot be read: {e.Message.TrimEnd('.')}. Repair it, or move it away.", path, "", inner: e);
        }
    }
}
