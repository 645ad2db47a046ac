using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Steps;

namespace DockerPS.Runtime.Supervision;

/// <summary>Reads a bundle's files.</summary>
internal static class BundleReader
{
    /// <summary>config.json, judged.</summary>
    /// <param name="directory">The bundle.</param>
    /// <param name="warn">Told what is deprecated or passed over.</param>
    public static RuntimeConfig Config(string directory, Action<string> warn)
    {
        RuntimeConfig config = Judge(directory, ConfigBytes(directory), warn);
        // The engine connects networks in its own way.
        return config.Linux?.NetDevices is { Count: > 0 } ? throw Setting.Invalid("$.linux.netDevices: is not supported here; leave it out") : config;
    }

    /// <summary>config.json as it stands.</summary>
    public static byte[] ConfigBytes(string directory) => Bytes(Path.Combine(directory, "config.json"));

    /// <summary>As <see cref="Config"/>, of bytes that were read.</summary>
    public static RuntimeConfig Judge(string directory, byte[] json, Action<string> warn) =>
        Parse(Path.Combine(directory, "config.json"), json, bytes =>
        {
            RuntimeConfig config = RuntimeConfigReader.Read(bytes);
            RuntimeConfigValidator.Validate(config, text => warn("config.json: " + text));
            if (config.Process is { } process)
                Credentials.Warn(process, config.Linux?.Namespaces?.Exists(n => n.Type == "user") == true, text => warn("config.json: $." + text));
            SecurityLabels.Warn(config, text => warn("config.json: " + text));
            if (config.Linux?.IntelRdt is not null) throw Unsupported("$.linux.intelRdt");
            return config;
        });

    /// <summary>Nothing that was asked for is passed over in silence.</summary>
    private static JsonException Unsupported(string path) => new($"{path}: is not supported by this runtime; leave it out", path, null, null);

    /// <summary>config.json of a container that was created: it was judged then.</summary>
    public static RuntimeConfig Judged(string directory) => Read(Path.Combine(directory, "config.json"), RuntimeConfigReader.Read);

    public static SuperviseConfig Surroundings(string directory) =>
        Read(Path.Combine(directory, "supervise.json"), BundleFiles.ReadSuperviseConfig);

    private static T Read<T>(string path, Func<ReadOnlyMemory<byte>, T> read) => Parse(path, Bytes(path), read);

    private static byte[] Bytes(string path) => LibC.TryReadFile(path, 16 << 20)
        ?? throw new RuntimeFailureException(RuntimeStages.Config, $"'{path}' cannot be read: no such file or directory.", $"open({path})", Errno.ENOENT);

    private static T Parse<T>(string path, byte[] text, Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return read(text);
        }
        catch (JsonException e)
        {
            // The parser's own words are left out of a native executable; where it stopped is not.
            string what = e.LineNumber is { } line ? $"is no valid JSON: see line {line + 1}, byte {e.BytePositionInLine + 1}" : e.Message;
            throw new RuntimeFailureException(RuntimeStages.Config, $"{Path.GetFileName(path)}: {what}");
        }
    }
}
