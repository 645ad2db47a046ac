using DockerPS.Oci.Elf;

namespace DockerPS.Engine.Images.HostCommands;

/// <summary>
/// Finds libraries as the dynamic loader does (ld.so(8)): RPATH of the file and of those that loaded it, RUNPATH, the configured
/// directories, then the built-in ones. LD_LIBRARY_PATH is this session's and does not count.
/// </summary>
internal sealed class LibrarySearch
{
    private const int MaxIncludes = 64;
    private readonly List<string> _configured = [];
    private readonly List<string> _builtIn;

    public LibrarySearch(string configuration = "/etc/ld.so.conf")
    {
        string triplet = HostPlatform.Architecture switch
        {
            "amd64" => "x86_64-linux-gnu",
            "arm64" => "aarch64-linux-gnu",
            "386" => "i386-linux-gnu",
            "arm" => "arm-linux-gnueabihf",
            _ => "",
        };
        _builtIn = [.. triplet.Length == 0 ? [] : (string[])[$"/lib/{triplet}", $"/usr/lib/{triplet}"], "/lib64", "/usr/lib64", "/lib", "/usr/lib"];
        Include(configuration, 0);
        foreach (string path in Directory.Exists("/etc") ? Directory.GetFiles("/etc", "ld-musl-*.path") : [])
            _configured.AddRange(File.ReadAllText(path).Split([':', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    /// <summary>A library that a file needs.</summary>
    /// <param name="name">DT_NEEDED.</param>
    /// <param name="loader">The file that needs it, and what loaded that, up to the executable.</param>
    /// <returns>Path where it was found, and whether only the configured directories led to it; null when it is not there.</returns>
    public (string Path, bool Configured)? Find(string name, LoadedFile loader)
    {
        if (name.Contains('/', StringComparison.Ordinal)) return File.Exists(name) ? (name, false) : null;
        foreach (string directory in OwnDirectories(loader))
            if (Fits(directory, name, loader.Elf) is { } path) return (path, false);
        foreach (string directory in _configured)
            if (Fits(directory, name, loader.Elf) is { } path) return (path, !_builtIn.Contains(directory));
        foreach (string directory in _builtIn)
            if (Fits(directory, name, loader.Elf) is { } path) return (path, false);
        return null;
    }

    private static IEnumerable<string> OwnDirectories(LoadedFile file)
    {
        if (file.Elf.RunPath.Count == 0)
        {
            for (LoadedFile? f = file; f is not null; f = f.By)
                if (f.Elf.RunPath.Count == 0) foreach (string path in f.Elf.RPath) yield return Expand(path, f.Path);
        }

        foreach (string path in file.Elf.RunPath) yield return Expand(path, file.Path);
    }

    private static string Expand(string path, string file) => path
        .Replace("${ORIGIN}", "$ORIGIN", StringComparison.Ordinal).Replace("$ORIGIN", Path.GetDirectoryName(RealPath.Of(file)), StringComparison.Ordinal)
        .Replace("${LIB}", "$LIB", StringComparison.Ordinal).Replace("$LIB", "lib", StringComparison.Ordinal);

    /// <summary>A library of another class or machine is passed over, as the loader does.</summary>
    private static string? Fits(string directory, string name, ElfFile wanted)
    {
        string path = Path.Combine(directory, name);
        if (!File.Exists(path)) return null;
        using FileStream file = File.OpenRead(path);
        return ElfFile.Read(file) is { } elf && elf.Class == wanted.Class && elf.Machine == wanted.Machine ? path : null;
    }

    private void Include(string pattern, int depth)
    {
        if (depth > MaxIncludes || Path.GetDirectoryName(pattern) is not { } directory || !Directory.Exists(directory)) return;
        foreach (string file in Directory.GetFiles(directory, Path.GetFileName(pattern)).Order(StringComparer.Ordinal))
        {
            foreach (string raw in File.ReadLines(file))
            {
                string line = raw.Split('#')[0].Trim();
                if (line.StartsWith("include ", StringComparison.Ordinal)) Include(Path.Combine(directory, line[8..].Trim()), depth + 1);
                else if (line.StartsWith('/')) _configured.Add(line);
            }
        }
    }
}

/// <summary>An ELF file and the one that made the loader load it.</summary>
internal sealed record LoadedFile(string Path, ElfFile Elf, LoadedFile? By);
