namespace DockerPS.Linux.Cgroups;

/// <summary>
/// One container's control group: a directory in each hierarchy of the host, under one relative path.
/// Create it, apply the limits, let the child join, and in the end kill what is left and remove it.
/// </summary>
/// <remarks>
/// https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html and https://docs.kernel.org/admin-guide/cgroup-v2.html.
/// No instance holds descriptors or other things to dispose of; several may stand for the same directories.
/// </remarks>
public sealed partial class Cgroup
{
    private readonly CgroupLayout _layout;

    // Parallel arrays: the directory in each hierarchy. A directory read from state.json whose hierarchy is no longer
    // mounted has null.
    private readonly string[] _directories;
    private readonly CgroupHierarchy?[] _hierarchies;

    private Cgroup(CgroupLayout layout, string[] directories, CgroupHierarchy?[] hierarchies, List<string> made)
    {
        _made = made;
        _layout = layout;
        _directories = directories;
        _hierarchies = hierarchies;
    }

    /// <summary>The absolute paths, for a container's state; <see cref="FromDirectories"/> takes them back.</summary>
    public IReadOnlyList<string> Directories => _directories;

    /// <summary>The group that was made earlier, by the <see cref="Directories"/> it had. Makes nothing.</summary>
    public static Cgroup FromDirectories(IReadOnlyList<string> directories, CgroupLayout? layout = null)
    {
        layout ??= CgroupLayout.Detect();
        var paths = new string[directories.Count];
        var hierarchies = new CgroupHierarchy?[directories.Count];
        for (int i = 0; i < paths.Length; i++)
        {
            paths[i] = directories[i];
            hierarchies[i] = HierarchyOf(layout, paths[i]);
        }
        return new Cgroup(layout, paths, hierarchies, []);
    }

    /// <summary>1 or 2: where the controller is on this host; 0 when it has none.</summary>
    public int VersionOf(string controller) => _layout.VersionOf(controller);

    /// <summary>The text of a controller's file, without its last line end; null when there is no such file.</summary>
    public string? Read(string controller, string file) =>
        DirectoryOf(controller) is { } directory ? CgroupFile.TryRead($"{directory}/{file}") : null;

    /// <summary>Where a controller's files are; null when the host has no such controller.</summary>
    public string? DirectoryOf(string controller)
    {
        // Version 1 first: a controller that is bound there offers no files in version 2.
        for (int i = 0; i < _directories.Length; i++)
            if (_hierarchies[i] is { Version: 1 } hierarchy && hierarchy.Has(controller)) return _directories[i];
        return _layout.Version2 is { } unified && (controller == "cgroup" || unified.Has(controller)) ? Version2Directory : null;
    }

    private string? Version2Directory
    {
        get
        {
            for (int i = 0; i < _directories.Length; i++)
                if (_hierarchies[i] is { Version: 2 }) return _directories[i];
            return null;
        }
    }

    /// <summary>The directory whose list of processes is asked: one that every process of the container joins.</summary>
    private string? LeadingDirectory
    {
        get
        {
            if (_layout.Kind == CgroupKind.V2) return Version2Directory;
            return DirectoryOf("freezer") ?? DirectoryOf("pids") ?? (_directories.Length > 0 ? _directories[0] : null);
        }
    }

    private static CgroupHierarchy? HierarchyOf(CgroupLayout layout, string directory)
    {
        foreach (CgroupHierarchy hierarchy in layout.Version1)
            if (IsBelow(directory, hierarchy.MountPoint)) return hierarchy;
        return layout.Version2 is { } unified && IsBelow(directory, unified.MountPoint) ? unified : null;
    }

    private static bool IsBelow(string path, string mountPoint) =>
        path.Length > mountPoint.Length + 1 && path[mountPoint.Length] == '/' && path.StartsWith(mountPoint, StringComparison.Ordinal);
}
