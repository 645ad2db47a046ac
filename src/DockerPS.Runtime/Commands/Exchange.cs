using System.Text;
using DockerPS.Linux;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Commands;

/// <summary>Lets two directories change places, at once (renameat2(2), RENAME_EXCHANGE).</summary>
internal static class Exchange
{
    public static int Run(string one, string other)
    {
        int errno = LibC.TryRename(
            LibC.AT_FDCWD, NativePath.Terminate(Encoding.UTF8.GetBytes(one)), LibC.AT_FDCWD, NativePath.Terminate(Encoding.UTF8.GetBytes(other)), LibC.RENAME_EXCHANGE);
        if (errno == 0) return 0;
        Console.Error.WriteLine(new LinuxException($"renameat2({one}, {other})", errno).Message);
        return 1;
    }
}
