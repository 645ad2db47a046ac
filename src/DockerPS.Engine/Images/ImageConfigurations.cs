using System.Globalization;
using DockerPS.Engine.Catalogue;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images;

/// <summary>Between an image's config as the specification writes it and as users see it.</summary>
internal static class ImageConfigurations
{
    /// <summary>PATH of images that say none.</summary>
    public const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static ContainerImageConfiguration FromSpecification(ImageExecution? execution) => execution is null ? new() : new()
    {
        Entrypoint = execution.Entrypoint ?? [],
        Command = execution.Cmd ?? [],
        Environment = execution.Env ?? [],
        User = execution.User ?? "",
        WorkingDirectory = execution.WorkingDir ?? "",
        ExposedPorts = [.. (execution.ExposedPorts?.Keys ?? Enumerable.Empty<string>()).Order(StringComparer.Ordinal)],
        Volumes = [.. (execution.Volumes?.Keys ?? Enumerable.Empty<string>()).Order(StringComparer.Ordinal)],
        Labels = new Dictionary<string, string>(execution.Labels ?? []),
        StopSignal = execution.StopSignal ?? "",
    };

    public static ImageExecution ToSpecification(ContainerImageConfiguration config) => new()
    {
        Entrypoint = config.Entrypoint.Count == 0 ? null : [.. config.Entrypoint],
        Cmd = config.Command.Count == 0 ? null : [.. config.Command],
        Env = config.Environment.Count == 0 ? null : [.. config.Environment],
        User = config.User.Length == 0 ? null : config.User,
        WorkingDir = config.WorkingDirectory.Length == 0 ? null : config.WorkingDirectory,
        ExposedPorts = config.ExposedPorts.Count == 0 ? null : SetOf(config.ExposedPorts.SelectMany(ExposedPort.Parse)),
        Volumes = config.Volumes.Count == 0 ? null : SetOf(config.Volumes.Select(v => AbsolutePath(v, "volume"))),
        Labels = config.Labels.Count == 0 ? null : SortedLabels(config.Labels),
        StopSignal = config.StopSignal.Length == 0 ? null : config.StopSignal,
    };

    /// <summary>The config with its values checked and in their full forms.</summary>
    /// <exception cref="DockerArgumentException">InvalidImageConfig.</exception>
    public static ContainerImageConfiguration Check(ContainerImageConfiguration config)
    {
        foreach (string variable in config.Environment)
        {
            if (variable.IndexOf('=', StringComparison.Ordinal) <= 0)
                throw Invalid($"'{variable}' is not an environment variable: write NAME=value.", variable);
        }

        if (config.Labels.Keys.Any(string.IsNullOrWhiteSpace)) throw Invalid("A label needs a name.", "Label");
        if (config.WorkingDirectory.Length > 0) AbsolutePath(config.WorkingDirectory, "working directory");
        if (config.StopSignal.AsSpan().ContainsAny(" \t/=")) throw Invalid($"'{config.StopSignal}' is not a signal: write SIGTERM or 15.", config.StopSignal);
        return FromSpecification(ToSpecification(config));
    }

    public static DateTimeOffset CreatedAt(ImageConfig config) =>
        DateTimeOffset.TryParse(config.Created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset created)
            ? created.ToUniversalTime()
            : DateTimeOffset.UnixEpoch;

    public static string PlatformOf(ImageConfig config) => new Platform
    {
        Os = config.Os.Length == 0 ? "linux" : config.Os,
        Architecture = config.Architecture.Length == 0 ? HostPlatform.Architecture : config.Architecture,
        Variant = config.Variant,
    }.ToString();

    /// <summary>The catalogue's row of an image whose layers are in the store; the manifest is the caller's.</summary>
    public static ImageRow ToRow(ImageConfig config, string id, IReadOnlyList<ImageLayer> layers) => new()
    {
        Id = id,
        Manifest = "",
        ManifestSize = 0,
        Created = CreatedAt(config),
        Size = layers.Sum(layer => layer.Size),
        Platform = PlatformOf(config),
        Layers = layers,
        Config = FromSpecification(config.Config),
    };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Sets are written in one order, whatever the culture, because the bytes make the image's id.</summary>
    public static SortedDictionary<string, EmptyObject> SetOf(IEnumerable<string> keys)
    {
        var set = new SortedDictionary<string, EmptyObject>(StringComparer.Ordinal);
        foreach (string key in keys) set[key] = new EmptyObject();
        return set;
    }

    public static DockerArgumentException Invalid(string message, object subject) => new("InvalidImageConfig", message, subject);

    private static SortedDictionary<string, string> SortedLabels(IReadOnlyDictionary<string, string> labels)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in labels) sorted[key] = value;
        return sorted;
    }

    private static string AbsolutePath(string path, string what) =>
        path.StartsWith('/') ? path : throw Invalid($"The {what} '{path}' must be an absolute path in the container, such as /{path}.", path);
}
