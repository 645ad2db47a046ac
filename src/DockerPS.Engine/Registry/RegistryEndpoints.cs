using DockerPS.Engine.Registry.Configuration;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

/// <summary>Which hosts serve a repository, in the order in which they are asked.</summary>
internal sealed class RegistryEndpoints(RegistryOptions options)
{
    /// <summary>Replaced as a whole, since many threads ask.</summary>
    private volatile ReadSettings? _read;

    private sealed record ReadSettings(string Stamp, RegistrySettings Settings);

    /// <summary>Mirrors first, then the registry itself; for a push only that.</summary>
    /// <exception cref="DockerRegistryException">RegistryBlocked, RegistryConfigurationInvalid.</exception>
    public IReadOnlyList<RegistryEndpoint> For(ImageReference reference, RegistryAccess access, bool push)
    {
        RegistrySettings settings = Settings();
        RegistryTable? table = settings.TableOf(reference.Canonical) ?? settings.TableOf(reference.CanonicalRepository);
        if (table is { Blocked: true })
        {
            throw new DockerRegistryException(
                "RegistryBlocked", $"'{reference.Familiar}' is blocked by {options.RegistriesConfiguration}. Ask who runs this machine.", reference.Familiar, reference.Domain);
        }

        var endpoints = new List<RegistryEndpoint>();
        if (!push)
        {
            endpoints.AddRange((table?.Mirrors ?? []).Where(mirror => Serves(table!, mirror, reference)).Select(mirror => MirrorOf(table!, mirror, reference)));
            if (reference.Domain == ImageReference.DefaultDomain && table?.Location is null or ImageReference.DefaultDomain)
                endpoints.AddRange(settings.HubMirrors.Select(mirror => HubMirror(mirror, settings, reference)));
        }

        (string host, string path) = Located(table, table?.Location, reference);
        endpoints.Add(Endpoint(host, path, reference, access.Insecure || table?.Insecure == true || settings.IsInsecure(host)));
        return endpoints;
    }

    private static bool Serves(RegistryTable table, MirrorTable mirror, ImageReference reference) =>
        !string.IsNullOrEmpty(mirror.Location) && (table.MirrorByDigestOnly ? "digest-only" : mirror.PullFromMirror) switch
        {
            "digest-only" => reference.Digest is not null,
            "tag-only" => reference.Digest is null,
            _ => true,
        };

    private static RegistryEndpoint MirrorOf(RegistryTable table, MirrorTable mirror, ImageReference reference)
    {
        (string host, string path) = Located(table, mirror.Location, reference);
        return Endpoint(host, path, reference, mirror.Insecure) with { Mirror = true };
    }

    private static RegistryEndpoint HubMirror(Uri mirror, RegistrySettings settings, ImageReference reference) =>
        Endpoint(mirror.Authority, reference.Path, reference, settings.IsInsecure(mirror.Authority)) with
        {
            Mirror = true, Scheme = mirror.Scheme, BasePath = mirror.AbsolutePath.TrimEnd('/'),
        };

    private static RegistryEndpoint Endpoint(string host, string path, ImageReference reference, bool insecure)
    {
        string reached = host == ImageReference.DefaultDomain ? RegistryEndpoint.DockerHub : host;
        return new RegistryEndpoint
        {
            Host = reached,
            Name = reference.Domain,
            Repository = path,
            AllowHttp = insecure || RegistryEndpoint.IsLoopback(reached),
            SkipVerify = insecure,
        };
    }

    /// <summary>The name with the table's prefix replaced by a location.</summary>
    private static (string Host, string Path) Located(RegistryTable? table, string? location, ImageReference reference)
    {
        if (table is null || string.IsNullOrEmpty(location)) return (reference.Domain, reference.Path);
        string name = reference.CanonicalRepository;
        // A prefix that says a tag or digest takes all of the name.
        string replaced = location + name[Math.Min(name.Length, RegistrySettings.MatchedLength(table, reference.Canonical))..];
        int slash = replaced.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (replaced, reference.Path) : (replaced[..slash], replaced[(slash + 1)..]);
    }

    private RegistrySettings Settings()
    {
        string stamp = RegistrySettings.StampOf(options);
        if (_read is { } read && read.Stamp == stamp) return read.Settings;
        RegistrySettings settings = RegistrySettings.Load(options);
        _read = new ReadSettings(stamp, settings);
        return settings;
    }
}
