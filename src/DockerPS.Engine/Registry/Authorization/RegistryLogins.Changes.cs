using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DockerPS.Engine.Registry.Authorization;

internal sealed partial class RegistryLogins
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerFile | UnixFileMode.UserExecute;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentCharacter = '\t', IndentSize = 1 };

    /// <summary>Stores a login as <c>docker login</c> does: by the credential helper that is set for the registry, else in the file itself.</summary>
    /// <returns>Where it is: the helper's name or the file's path.</returns>
    /// <exception cref="DockerRegistryException">CredentialStoreFailed.</exception>
    public async Task<string> StoreAsync(string registry, RegistryCredential credential, CancellationToken cancellationToken)
    {
        string key = KeysOf(registry)[0];
        CredentialHelper? helper = Read(ConfigPath) is { } config ? HelperOf(config, registry) : null;
        if (helper is not null) await helper.StoreAsync(key, credential, cancellationToken).ConfigureAwait(false);
        Change(file =>
        {
            if (file["auths"] is not JsonObject logins) file["auths"] = logins = [];
            logins[key] = helper is null ? Entry(credential) : new JsonObject();
        });
        _found.Clear();
        return helper?.Program ?? ConfigPath;
    }

    /// <summary>Removes a registry's login from where <see cref="StoreAsync"/> may have put it.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> EraseAsync(string registry, CancellationToken cancellationToken)
    {
        _found.Clear();
        if (Read(ConfigPath) is not { } config) return false;
        bool erased = HelperOf(config, registry) is { } helper
            && await helper.EraseAsync(KeysOf(registry)[0], cancellationToken).ConfigureAwait(false);
        if (config["auths"] is not JsonObject found || !KeysOf(registry).Any(found.ContainsKey)) return erased;
        Change(file =>
        {
            foreach (string key in KeysOf(registry)) (file["auths"] as JsonObject)?.Remove(key);
        });
        return true;
    }

    /// <summary>A login of podman or skopeo that stays and counts when Docker's is gone; null when there is none.</summary>
    public string? RemainingLogin(string registry) => FindInContainers(registry, "").IsNone
        ? null
        : RegistryOptions.Paths(options.ContainersLogins).First(path => Read(path) is { } config && !FindIn(config, KeysOf(registry)).IsNone);

    /// <summary>Registries with a login in the files, as people call them.</summary>
    public IReadOnlyList<string> Registries() =>
        [.. RegistryOptions.Paths(options.ContainersLogins).Prepend(ConfigPath).Select(Read)
            .SelectMany(config => config?["auths"] is JsonObject logins ? logins.Select(login => login.Key) : []).Select(NameOf).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A registry as people write it, also as an address.</summary>
    public static string NameOf(string text)
    {
        string name = text;
        int scheme = name.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0) name = name[(scheme + 3)..];
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0) name = name[..slash];
        return name is "index.docker.io" or RegistryEndpoint.DockerHub or "" ? DockerHub : name;
    }

    private static JsonObject Entry(RegistryCredential credential)
    {
        // With an identity token the password is not needed any more.
        string secret = credential.IdentityToken.Length > 0 ? "" : credential.Password;
        var entry = new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{secret}")) };
        if (credential.IdentityToken.Length > 0) entry["identitytoken"] = credential.IdentityToken;
        return entry;
    }

    /// <summary>Writes the file anew with all that others have put into it. Sessions of this module wait for each other; Docker's tools do not know how to.</summary>
    private void Change(Action<JsonObject> change)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(options.DockerConfigDirectory);
            else Directory.CreateDirectory(options.DockerConfigDirectory, OwnerDirectory);
            // Who has linked the file elsewhere keeps it there.
            string path = File.Exists(ConfigPath) ? File.ResolveLinkTarget(ConfigPath, returnFinalTarget: true)?.FullName ?? ConfigPath : ConfigPath;
            using FileLock held = FileLock.Take(Path.Combine(Path.GetDirectoryName(path)!, ".dockerps.lock"), shared: false);
            JsonObject config = Read(path) ?? [];
            change(config);
            string temporary = $"{path}.{Guid.NewGuid():N}";
            try
            {
                var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows()) creation.UnixCreateMode = File.Exists(path) ? File.GetUnixFileMode(path) & OwnerFile : OwnerFile;
                using (var file = new FileStream(temporary, creation))
                {
                    file.Write(Encoding.UTF8.GetBytes(config.ToJsonString(Indented) + "\n"));
                    file.Flush(flushToDisk: true);
                }

                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DockerRegistryException(
                "CredentialStoreFailed", $"The login cannot be written to '{ConfigPath}': {e.Message.TrimEnd('.')}. Set DOCKER_CONFIG to a directory of your own.", ConfigPath, "",
                inner: e);
        }
    }
}
