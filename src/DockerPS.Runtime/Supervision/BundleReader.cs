using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Supervision;

/// <summary>Reads a bundle's files.</summary>
internal static class BundleReader
{
    /// <summary>config.json, judged.</summary>
    /// <param name="directory">The bundle.</param>
    /// <param name="warn">Told what is deprecated or passed over.</param>
    public static RuntimeConfig Config(string directory, Action<string> warn) =>
        Read(Path.Combine(directory, "config.json"), json =>
        {
            RuntimeConfig config = RuntimeConfigReader.Read(json);
            RuntimeConfigValidator.Validate(config, text => warn("config.json: " + text));
            return config;
        });

    /// <summary>config.json of a container that runs: it was judged when it started.</summary>
    public static RuntimeConfig Judged(string directory) => Read(Path.Combine(directory, "config.json"), RuntimeConfigReader.Read);

    public static SuperviseConfig Surroundings(string directory) =>
        Read(Path.Combine(directory, "supervise.json"), BundleFiles.ReadSuperviseConfig);

    private static T Read<T>(string path, Func<ReadOnlyMemory<byte>, T> read)
    {
        byte[] text = LibC.TryReadFile(path, 16 << 20)
            ?? throw new RuntimeFailureException(RuntimeStages.Config, $"'{path}' cannot be read.", $"open({path})", Errno.ENOENT);
        try
        {
            return read(text);
        }
        catch (JsonException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Config, $"{Path.GetFileName(path)}: {e.Message}");
        }
    }
}
