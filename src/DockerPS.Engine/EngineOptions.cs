namespace DockerPS.Engine;

/// <summary>Where an engine keeps its things. Two engines with the same root, in one process or in many, are peers.</summary>
public sealed record EngineOptions
{
    /// <summary>Root of the store that root's sessions have when nothing else is said.</summary>
    public const string SystemRoot = "/var/lib/dockerps";

    /// <summary>Root of the store; see <see cref="Default"/>.</summary>
    public required string Root { get; init; }

    /// <summary>Directory of run state (sockets), gone after a reboot.</summary>
    public required string RunRoot { get; init; }

    /// <summary>Path of the executable <c>dockerps-runtime</c>.</summary>
    public required string RuntimePath { get; init; }

    /// <summary>Greatest number of uncompressed bytes of one layer; a longer one is refused as a bomb.</summary>
    public long MaxLayerBytes { get; init; } = 64L << 30;

    /// <summary>Greatest number of entries of one layer.</summary>
    public long MaxLayerEntries { get; init; } = 10_000_000;

    /// <summary>How long what an interrupted pull has brought is kept for its repetition.</summary>
    public TimeSpan InterruptedPullLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Settings for registries.</summary>
    public RegistryOptions Registry { get; init; } = RegistryOptions.Default();

    /// <summary>
    /// The defaults of this user: <c>$DOCKERPS_ROOT</c>, else <c>/var/lib/dockerps</c> for root, else <c>$XDG_DATA_HOME/dockerps</c>;
    /// run state in <c>/run/dockerps</c> or <c>$XDG_RUNTIME_DIR/dockerps</c>; limits from <c>$DOCKERPS_MAX_LAYER_BYTES</c> and
    /// <c>$DOCKERPS_MAX_LAYER_ENTRIES</c>.
    /// </summary>
    /// <param name="runtimePath">The executable beside the module's assemblies.</param>
    public static EngineOptions Default(string runtimePath)
    {
        bool root = string.Equals(Environment.UserName, "root", StringComparison.Ordinal);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string dataHome = Environment.GetEnvironmentVariable("XDG_DATA_HOME") ?? Path.Combine(home, ".local", "share");
        string runtimeHome = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") ?? Path.Combine(dataHome, "dockerps-run");
        var options = new EngineOptions
        {
            Root = Path.GetFullPath(Environment.GetEnvironmentVariable("DOCKERPS_ROOT") is { Length: > 0 } given
                ? given
                : root ? SystemRoot : Path.Combine(dataHome, "dockerps")),
            RunRoot = root ? "/run/dockerps" : Path.Combine(runtimeHome, "dockerps"),
            RuntimePath = runtimePath,
        };
        if (long.TryParse(Environment.GetEnvironmentVariable("DOCKERPS_MAX_LAYER_BYTES"), out long bytes) && bytes > 0)
            options = options with { MaxLayerBytes = bytes };
        if (long.TryParse(Environment.GetEnvironmentVariable("DOCKERPS_MAX_LAYER_ENTRIES"), out long entries) && entries > 0)
            options = options with { MaxLayerEntries = entries };
        return options;
    }
}
