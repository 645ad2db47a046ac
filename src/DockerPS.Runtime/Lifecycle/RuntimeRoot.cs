using DockerPS.Linux;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>The directory below which the OCI verbs keep a directory for each container (<c>--root</c>).</summary>
internal sealed class RuntimeRoot(string path)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Compiled seccomp filters of all containers here. No id has a tilde.</summary>
    public string SeccompCache => Path + "/~seccomp";

    /// <summary>/run/dockerps-runtime for root, below XDG_RUNTIME_DIR for others.</summary>
    public static string DefaultPath =>
        LibC.geteuid() != 0 && Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own
            ? System.IO.Path.Combine(own, "dockerps-runtime")
            : "/run/dockerps-runtime";

    /// <summary>Makes the container's directory.</summary>
    /// <exception cref="CommandException">The id is none, or taken.</exception>
    public ContainerDirectory Make(string id)
    {
        CheckId(id);
        Directory.CreateDirectory(Path, Private);
        var directory = new ContainerDirectory(id, System.IO.Path.Combine(Path, id));
        if (LibC.mkdir(directory.Path, (int)Private) != 0)
        {
            LinuxException failure = LibC.Failure($"mkdir({directory.Path})");
            throw failure.Number == Errno.EEXIST
                ? new CommandException($"container with given ID already exists: '{id}'. Delete it first, or choose another id.")
                : failure;
        }

        return directory;
    }

    /// <summary>The directory of a container that was created.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public ContainerDirectory Find(string id) => TryFind(id)
        ?? throw new CommandException($"container does not exist: '{id}' is not in {Path}; 'list' shows what is there.");

    public ContainerDirectory? TryFind(string id)
    {
        CheckId(id);
        var directory = new ContainerDirectory(id, System.IO.Path.Combine(Path, id));
        return Directory.Exists(directory.Path) ? directory : null;
    }

    /// <summary>All containers, by id.</summary>
    public IEnumerable<ContainerDirectory> All()
    {
        if (!Directory.Exists(Path)) return [];
        return Directory.GetDirectories(Path)
            .Select(p => new ContainerDirectory(System.IO.Path.GetFileName(p), p))
            .Where(d => IsId(d.Id))
            .OrderBy(d => d.Id, StringComparer.Ordinal);
    }

    private static void CheckId(string id)
    {
        if (!IsId(id))
        {
            throw new CommandException(
                $"invalid container ID format: '{id}'. An id has letters, digits and any of _ + - . and at most 1024 characters.");
        }
    }

    private static bool IsId(string id)
    {
        if (id.Length is 0 or > 1024 || id is "." or "..") return false;
        foreach (char c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '+' or '-' or '.')) return false;
        }

        return true;
    }
}
