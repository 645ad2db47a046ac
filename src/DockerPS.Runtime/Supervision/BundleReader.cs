using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Supervision;

/// <summary>Reads a bundle's files.</summary>
internal static class BundleReader
{
    public static RuntimeConfig Config(string directory) =>
        Read(Path.Combine(directory, "config.json"), RuntimeConfigReader.Read);

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
            throw new RuntimeFailureException(RuntimeStages.Config, $"'{path}' is malformed: {e.Message}");
        }
    }
}
