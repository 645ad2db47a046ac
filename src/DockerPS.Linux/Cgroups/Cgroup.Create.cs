namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    /// <summary>What <see cref="Create"/> made, parents too, in that order.</summary>
    private readonly List<string> _made;

    /// <summary>Every directory was made by <see cref="Create"/>: nobody else has been in it.</summary>
    public bool IsNew
    {
        get
        {
            foreach (string directory in _directories)
                if (!_made.Contains(directory)) return false;
            return true;
        }
    }

    /// <summary>
    /// Makes the directory in every hierarchy, with its parents. One that is there already is taken as it is. When one
    /// cannot be made, those made before it are removed again.
    /// </summary>
    /// <param name="layout">This host's hierarchies.</param>
    /// <param name="path">Below each mount point: <c>/dockerps/ID</c>.</param>
    public static Cgroup Create(CgroupLayout layout, string path)
    {
        Validate(path);
        int count = layout.Version1.Length + (layout.Version2 is null ? 0 : 1);
        var directories = new string[count];
        var hierarchies = new CgroupHierarchy?[count];
        var made = new List<string>(count + 1);
        try
        {
            for (int i = 0; i < count; i++)
            {
                CgroupHierarchy hierarchy = i < layout.Version1.Length ? layout.Version1[i] : layout.Version2!;
                hierarchies[i] = hierarchy;
                directories[i] = hierarchy.MountPoint + path;
                MakeDirectories(hierarchy, path, made);
            }
        }
        catch
        {
            RemoveMade(made);
            throw;
        }

        // On a hybrid host the version 2 hierarchy is there for cgroup.kill and for the cgroup namespace; what few
        // controllers it may have are turned on when a limit needs them (see Apply).
        if (layout.Kind == CgroupKind.V2) EnableControllers(layout.Version2!, path, layout.Version2!.Controllers);
        return new Cgroup(layout, directories, hierarchies, made);
    }

    /// <summary>Removes what <see cref="Create"/> made, parents too; what was there before, or has other groups in it by now, stays.</summary>
    public void Undo() => RemoveMade(_made);

    private static void RemoveMade(List<string> made)
    {
        for (int i = made.Count - 1; i >= 0; i--) LibC.TryRemoveDirectory(made[i]);
        made.Clear();
    }

    private static void Validate(string path)
    {
        bool valid = path.Length > 1 && path[0] == '/' && path[^1] != '/';
        foreach (Range part in path.AsSpan(1).Split('/'))
        {
            ReadOnlySpan<char> name = path.AsSpan(1)[part];
            valid &= !name.IsEmpty && !name.SequenceEqual(".") && !name.SequenceEqual("..") && !name.Contains('\0');
        }
        if (!valid) throw new LinuxException($"cgroup path \"{path}\"", Errno.EINVAL);
    }

    private static void MakeDirectories(CgroupHierarchy hierarchy, string path, List<string> made)
    {
        string directory = hierarchy.MountPoint + path;
        bool isCpuset = hierarchy.Version == 1 && hierarchy.Has("cpuset");
        int errno = LibC.TryMakeDirectory(directory);

        // The parent is made by the first container and stays, so this is rare; another process may be removing it.
        for (int attempt = 0; errno == Errno.ENOENT && attempt < 10; attempt++)
        {
            for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                string parent = hierarchy.MountPoint + path[..slash];
                int failed = LibC.TryMakeDirectory(parent);
                if (failed is not (0 or Errno.EEXIST)) throw new LinuxException($"mkdir({parent})", failed);
                if (failed == 0) made.Add(parent);
                if (!isCpuset) continue;
                InitializeCpuset(parent);
                // From here on the kernel copies both values to children itself.
                CgroupFile.TryWrite(parent + "/cgroup.clone_children", "1");
            }
            errno = LibC.TryMakeDirectory(directory);
        }
        if (errno is not (0 or Errno.EEXIST)) throw new LinuxException($"mkdir({directory})", errno);
        if (errno == 0) made.Add(directory);
        if (isCpuset) InitializeCpuset(directory);
    }

    /// <summary>In version 1 a new cpuset has neither processors nor memory nodes, and nothing can join it before it has.</summary>
    private static void InitializeCpuset(string directory)
    {
        CopyFromParent(directory, "/cpuset.cpus");
        CopyFromParent(directory, "/cpuset.mems");
    }

    private static void CopyFromParent(string directory, string file)
    {
        if (CgroupFile.TryRead(directory + file) is not { Length: 0 }) return;
        string parent = directory[..directory.LastIndexOf('/')];
        string? value = CgroupFile.TryRead(parent + file);
        if (value is { Length: 0 })
        {
            // Another container's start has just made the parent and has not come to this yet. The root has always values.
            CopyFromParent(parent, file);
            value = CgroupFile.TryRead(parent + file);
        }
        if (string.IsNullOrEmpty(value)) return;
        int errno = CgroupFile.TryWrite(directory + file, value);
        if (errno is not (0 or Errno.ENOENT or Errno.ENODEV))
            throw new LinuxException($"write({directory}{file}, \"{value}\")", errno);
    }

    /// <summary>
    /// Lets each ancestor hand its controllers down. Those that cannot be (processes in an ancestor, a threaded
    /// ancestor, no delegation) stay off: a limit that needs one then fails by name when it is written.
    /// </summary>
    private static void EnableControllers(CgroupHierarchy unified, string path, string[] wanted)
    {
        if (wanted.Length == 0 || HasAll(unified.MountPoint + path + "/cgroup.controllers", wanted)) return;
        string enableAll = "+" + string.Join(" +", wanted);
        for (int slash = 0; slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            string file = unified.MountPoint + path[..slash] + "/cgroup.subtree_control";
            if (HasAll(file, wanted) || CgroupFile.TryWrite(file, enableAll) == 0) continue;
            foreach (string controller in wanted) CgroupFile.TryWrite(file, "+" + controller);
        }
    }

    private static bool HasAll(string file, string[] controllers)
    {
        ReadOnlySpan<char> listed = CgroupFile.TryRead(file);
        foreach (string controller in controllers)
        {
            bool found = false;
            foreach (Range part in listed.Split(' ')) found |= listed[part].SequenceEqual(controller);
            if (!found) return false;
        }
        return true;
    }
}
