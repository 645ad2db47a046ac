using System.Text;
using DockerPS.Linux;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Commands;

/// <summary>Removes a file or directory with all that is below it. Idempotent.</summary>
internal static class RemoveTree
{
    public static int Run(string path)
    {
        try
        {
            TreeRemover.Remove(Encoding.UTF8.GetBytes(path));
            return 0;
        }
        catch (LinuxException e)
        {
            new MessageChannel().Failed(LayerException.Describe(e));
            return 1;
        }
    }
}
