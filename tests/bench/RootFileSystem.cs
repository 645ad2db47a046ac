using System.Formats.Tar;

namespace DockerPS.Bench;

/// <summary>The one root file system that all subjects run: Debian's static busybox.</summary>
internal sealed class RootFileSystem
{
    public RootFileSystem(string directory)
    {
        string busybox = Processes.Find("busybox") ?? throw new InvalidOperationException("The benchmark needs busybox (apt-get install busybox-static).");
        Path = directory;
        Archive = directory + ".tar";
        foreach (string name in new[] { "bin", "dev", "etc", "proc", "sys", "tmp" })
            Directory.CreateDirectory(System.IO.Path.Combine(directory, name));
        File.Copy(busybox, System.IO.Path.Combine(directory, "bin/busybox"));
        foreach (string applet in new[] { "sh", "true", "sleep", "cat" })
            File.CreateSymbolicLink(System.IO.Path.Combine(directory, "bin", applet), "busybox");
        TarFile.CreateFromDirectory(directory, Archive, includeBaseDirectory: false);
    }

    public string Path { get; }
    public string Archive { get; }
}
