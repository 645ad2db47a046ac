using DockerPS.Linux;

namespace DockerPS.Runtime;

/// <summary>Small files that are replaced as a whole: written beside and renamed, so that a reader sees the old one or the new one.</summary>
internal static class WholeFile
{
    /// <exception cref="LinuxException">It cannot be written; the old one stays.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, int mode)
    {
        string beside = path + ".new";
        int file = LibC.Open(beside, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_TRUNC, mode);
        try
        {
            LibC.WriteAll(file, content);
        }
        finally
        {
            LibC.Close(ref file);
        }

        if (LibC.rename(beside, path) != 0) throw LibC.Failure($"rename({path})");
    }
}
