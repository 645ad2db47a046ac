using System.Text;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Elf;

namespace DockerPS.Engine.Images.HostCommands;

/// <summary>
/// Gathers executables of the host with everything that they need to start: loader, libraries, interpreters of scripts. Every file gets
/// the path that it has on the host, and links on the way (/bin on usrmerge systems) are kept as links.
/// </summary>
/// <param name="root">Directory that will be the image's root beside them, or null: what it already has is not added again.</param>
internal sealed class HostFiles(string? root)
{
    private const int MaxShebang = 256;
    private readonly SortedDictionary<string, ArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = [];
    private readonly LibrarySearch _libraries = new();

    /// <summary>What to put into the archive, directories before what is in them.</summary>
    public IEnumerable<ArchiveEntry> Entries => _entries.Values;

    /// <summary>Adds a command by name (found on PATH) or path.</summary>
    /// <exception cref="DockerArgumentException">HostCommandNotFound, HostLibraryNotFound.</exception>
    public void AddCommand(string command) => AddExecutable(Locate(command, command), command);

    /// <summary>A directory made up for the image.</summary>
    public void AddDirectory(string name, int mode = 0b111_101_101)
    {
        if (!IsInRoot(name)) _entries.TryAdd(name, new ArchiveEntry { Name = name, Mode = mode, Uid = 0, Gid = 0, ModifiedAt = 0 });
    }

    /// <summary>
    /// Links of the host's root (usrmerge) to directories that are now in the image: /bin/sh must be found also where PATH led to /usr/bin/sh.
    /// </summary>
    public void AddRootLinks()
    {
        foreach (string name in (string[])["bin", "sbin", "lib", "lib32", "lib64", "libx32"])
        {
            if (IsInRoot(name) || new FileInfo("/" + name).LinkTarget is not { } target) continue;
            if (_entries.ContainsKey(target.Trim('/')))
                _entries.TryAdd(name, new ArchiveEntry { Name = name, LinkTarget = target, Uid = 0, Gid = 0, ModifiedAt = 0 });
        }
    }

    /// <summary>A file made up for the image.</summary>
    public void AddText(string name, string text)
    {
        if (IsInRoot(name)) return;
        _entries[name] = new ArchiveEntry
        {
            Name = name, Content = Encoding.UTF8.GetBytes(text), Mode = 0b110_100_100, Uid = 0, Gid = 0, ModifiedAt = 0,
        };
    }

    private void AddExecutable(string path, string command)
    {
        string real = Place(path);
        if (!_seen.Add(real)) return;
        using FileStream file = Open(real, command);
        if (ElfFile.Read(file) is { } elf) AddLibraries(new LoadedFile(real, elf, null), command);
        else AddInterpreter(file, command);
    }

    private void AddLibraries(LoadedFile file, string command)
    {
        if (file.Elf.Interpreter is { } interpreter) Place(interpreter);
        foreach (string name in file.Elf.Needed)
        {
            (string Path, bool Configured) found = _libraries.Find(name, file) ?? throw new DockerArgumentException(
                "HostLibraryNotFound",
                $"The command '{command}' needs the library '{name}' (for '{file.Path}'), which is not on this machine. Install it, or leave the command out.",
                command);

            // A directory of ld.so.conf is known to the loader in the container only through the host's cache.
            if (found.Configured && File.Exists("/etc/ld.so.cache")) Place("/etc/ld.so.cache");
            string real = Place(found.Path);
            if (!_seen.Add(real)) continue;
            using FileStream library = File.OpenRead(real);
            if (ElfFile.Read(library) is { } elf) AddLibraries(new LoadedFile(found.Path, elf, file), command);
        }
    }

    private void AddInterpreter(FileStream script, string command)
    {
        script.Position = 0;
        var start = new byte[MaxShebang];
        int length = script.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        string text = Encoding.UTF8.GetString(start, 0, length);
        if (!text.StartsWith("#!", StringComparison.Ordinal)) return;
        string[] words = text[2..].Split('\n')[0].Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return;
        AddExecutable(Locate(words[0], command), command);
        if (Path.GetFileName(words[0]) == "env" && words.Skip(1).FirstOrDefault(w => !w.StartsWith('-') && !w.Contains('=', StringComparison.Ordinal)) is { } program)
            AddExecutable(Locate(program, command), command);
    }

    /// <summary>Adds a file of the host with the links and directories on its way; returns its path without links.</summary>
    private string Place(string path)
    {
        string real = RealPath.Walk(path, directory => AddDirectory(directory[1..]), PlaceLink);
        string name = real[1..];
        if (!IsInRoot(name)) _entries[name] = new ArchiveEntry { Name = name, Source = real, Uid = 0, Gid = 0 };
        return real;

        void PlaceLink(string link, string target)
        {
            string linkName = link[1..];
            if (!IsInRoot(linkName))
            {
                _entries[linkName] = new ArchiveEntry { Name = linkName, LinkTarget = target, Uid = 0, Gid = 0, ModifiedAt = 0 };
            }
            else if (path.StartsWith(link + "/", StringComparison.Ordinal) && new FileInfo(Path.Combine(root!, linkName)).LinkTarget is null
                && !IsInRoot(path[1..]))
            {
                // The given root has a real directory where the host has a link: the file must be found there as well.
                _entries[path[1..]] = new ArchiveEntry { Name = path[1..], LinkTarget = RealPath.Of(path), Uid = 0, Gid = 0, ModifiedAt = 0 };
            }
        }
    }

    private bool IsInRoot(string name)
    {
        if (root is null) return false;
        var there = new FileInfo(Path.Combine(root, name));
        return there.Exists || there.LinkTarget is not null || Directory.Exists(there.FullName);
    }

    private static FileStream Open(string path, string command)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DockerEnvironmentException(
                "PermissionDenied", $"The command '{command}' ('{path}') cannot be read: run PowerShell as root (sudo pwsh).", command, e);
        }
    }

    /// <summary>Whether the machine has a command of that name.</summary>
    public static bool Has(string command) => Find(command) is not null;

    private static string Locate(string name, string command) =>
        Find(name) ?? throw NotFound(command, name == command ? "" : $" It needs '{name}'.");

    private static string? Find(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            string full = Path.GetFullPath(name);
            return IsExecutable(full) ? full : null;
        }

        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (string directory in path.Split(':').Concat(["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]))
        {
            if (directory.StartsWith('/') && IsExecutable(Path.Combine(directory, name))) return Path.Combine(directory, name);
        }

        return null;
    }

    private static bool IsExecutable(string path) => File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private static DockerArgumentException NotFound(string command, string why) => new(
        "HostCommandNotFound",
        $"There is no executable '{command}' on this machine's PATH or at that path.{why} Install it, or give its full path.", command);
}
