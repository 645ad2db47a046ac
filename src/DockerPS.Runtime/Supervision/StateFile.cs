using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Supervision;

/// <summary>state.json of a container directory. Written beside and renamed, so that a reader always sees a whole one.</summary>
internal sealed class StateFile(string directory)
{
    private readonly string _path = Path.Combine(directory, "state.json");

    public SupervisedState? Read()
    {
        byte[]? text = LibC.TryReadFile(_path);
        try
        {
            return text is null ? null : BundleFiles.ReadState(text);
        }
        catch (JsonException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Config, $"'{_path}' is damaged: {e.Message}");
        }
    }

    public void Write(SupervisedState state) => WholeFile.Write(_path, BundleFiles.Write(state).Span, 0x1A4 /* 0644 */);
}
