using System.Formats.Tar;

namespace DockerPS.Bench;

/// <summary>A root file system that all subjects run: Debian's static busybox, and other programs of this machine with their libraries.</summary>
internal sealed class RootFileSystem
{
    public RootFileSystem(string directory, params string[] programs)
    {
        string busybox = Processes.Find("busybox") ?? throw new InvalidOperationException("The benchmark needs busybox (apt-get install busybox-static).");
        Path = directory;
        Archive = directory + ".tar";
        foreach (string name in new[] { "bin", "dev", "etc", "proc", "sys", "tmp" })
            Directory.CreateDirectory(System.IO.Path.Combine(directory, name));
        File.Copy(busybox, System.IO.Path.Combine(directory, "bin/busybox"));
        foreach (string applet in new[] { "sh", "true", "sleep", "cat" })
            File.CreateSymbolicLink(System.IO.Path.Combine(directory, "bin", applet), "busybox");
        foreach (string program in programs)
        {
            File.Copy(program, System.IO.Path.Combine(directory, "bin", System.IO.Path.GetFileName(program)));
            foreach (string library in Libraries(program)) CopyLibrary(library);
        }

        TarFile.CreateFromDirectory(directory, Archive, includeBaseDirectory: false);
    }

    public string Path { get; }
    public string Archive { get; }

    /// <summary>Where they are looked for: in "name => path (address)" the path, and the loader, which stands alone.</summary>
    private static IEnumerable<string> Libraries(string program) => Processes.Run("ldd", program).Split('\n')
        .SelectMany(line => line.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Where(word => word.StartsWith('/'));

    private void CopyLibrary(string library)
    {
        string target = Path + library;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        if (!File.Exists(target)) File.Copy(library, target);
    }
}
