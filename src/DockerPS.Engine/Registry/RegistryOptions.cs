namespace DockerPS.Engine;

/// <summary>Where settings for registries are kept, and how patient the client is. Lists of paths are written as in PATH.</summary>
public sealed record RegistryOptions
{
    /// <summary>Directory with Docker's <c>config.json</c>: logins and credential helpers.</summary>
    public required string DockerConfigDirectory { get; init; }

    /// <summary>Files with logins of podman and skopeo, which are read and never written.</summary>
    public string ContainersLogins { get; init; } = "";

    /// <summary>Docker's <c>certs.d</c> and podman's: a directory for each <c>host:port</c> with *.crt, *.cert and *.key.</summary>
    public string CertificateDirectories { get; init; } = "";

    /// <summary>Docker's <c>daemon.json</c>, of which <c>registry-mirrors</c> and <c>insecure-registries</c> are used.</summary>
    public string DaemonConfiguration { get; init; } = "";

    /// <summary>Podman's <c>registries.conf</c> (version 2); files of the directory <c>registries.conf.d</c> beside one add to it.</summary>
    public string RegistriesConfiguration { get; init; } = "";

    /// <summary>So long a registry may say nothing before a request counts as failed.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So often a request is repeated after answers 429 and 5xx, cuts and stalls.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Before the first repetition; doubled with each.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait that a registry may ask for with Retry-After; what asks for more has failed.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longer blobs are uploaded in chunks of this length. Some registries stand behind a proxy that takes no more than 100 MB at once.</summary>
    public long UploadChunk { get; init; } = 90_000_000;

    /// <summary>
    /// The defaults of this user: <c>$DOCKER_CONFIG</c> or <c>~/.docker</c>, <c>$REGISTRY_AUTH_FILE</c> or podman's own login files,
    /// <c>/etc/docker</c>, <c>$CONTAINERS_REGISTRIES_CONF</c> or <c>~/.config/containers</c> or <c>/etc/containers</c>.
    /// </summary>
    public static RegistryOptions Default()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string config = Setting("XDG_CONFIG_HOME") ?? Path.Combine(home, ".config");
        string own = Path.Combine(config, "containers", "registries.conf");
        return new RegistryOptions
        {
            DockerConfigDirectory = Setting("DOCKER_CONFIG") ?? Path.Combine(home, ".docker"),
            ContainersLogins = Setting("REGISTRY_AUTH_FILE") ?? Joined(
                Setting("XDG_RUNTIME_DIR") is { } run ? Path.Combine(run, "containers", "auth.json")
                    : Environment.IsPrivilegedProcess ? "/run/containers/0/auth.json" : null,
                Path.Combine(config, "containers", "auth.json")),
            CertificateDirectories = Joined(
                Path.Combine(config, "docker", "certs.d"), "/etc/docker/certs.d",
                Path.Combine(config, "containers", "certs.d"), "/etc/containers/certs.d"),
            DaemonConfiguration = "/etc/docker/daemon.json",
            RegistriesConfiguration = Setting("CONTAINERS_REGISTRIES_CONF") ?? (File.Exists(own) ? own : "/etc/containers/registries.conf"),
        };
    }

    /// <summary>The paths of a list.</summary>
    internal static string[] Paths(string list) => list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Joined(params string?[] paths) => string.Join(Path.PathSeparator, paths.Where(path => path is not null));
}
