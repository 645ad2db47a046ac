using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Supervision;

/// <summary>Reads a bundle's files.</summary>
internal static class BundleReader
{
    public static RuntimeConfig Config(string directory) =>
        Read(Path.Combine(directory, "config.json"), RuntimeConfigJson.Default.RuntimeConfig);

    public static SuperviseConfig Surroundings(string directory) =>
        Read(Path.Combine(directory, "supervise.json"), BundleJson.Default.SuperviseConfig);

    private static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        byte[] text = LibC.TryReadFile(path, 16 << 20)
            ?? throw new RuntimeFailureException(RuntimeStages.Config, $"'{path}' cannot be read.", $"open({path})", Errno.ENOENT);
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new RuntimeFailureException(RuntimeStages.Config, $"'{path}' is empty.");
        }
        catch (JsonException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Config, $"'{path}' is malformed at {e.Path ?? "its start"}.");
        }
    }
}
