using System.Text;
using DockerPS.Linux;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Commands;

/// <summary>Removes files or directories with all that is below them. Idempotent. What cannot be removed does not keep the others.</summary>
internal static class RemoveTree
{
    public static int Run(ReadOnlySpan<string> paths)
    {
        LinuxException? failure = null;
        foreach (string path in paths)
        {
            try
            {
                TreeRemover.Remove(Encoding.UTF8.GetBytes(path));
            }
            catch (LinuxException e)
            {
                failure ??= e;
            }
        }
        if (failure is null) return 0;
        new MessageChannel().Failed(LayerException.Describe(failure));
        return 1;
    }
}
