namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
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
        int made = 0;
        try
        {
            for (; made < count; made++)
            {
                CgroupHierarchy hierarchy = made < layout.Version1.Length ? layout.Version1[made] : layout.Version2!;
                hierarchies[made] = hierarchy;
                directories[made] = hierarchy.MountPoint + path;
                MakeDirectories(hierarchy, path);
            }
        }
        catch
        {
            for (int i = 0; i < made; i++) LibC.TryRemoveDirectory(directories[i]);
            throw;
        }

        // On a hybrid host the version 2 hierarchy is there for cgroup.kill and for the cgroup namespace; what few
        // controllers it may have are turned on when a limit needs them (see Apply).
        if (layout.Kind == CgroupKind.V2) EnableControllers(layout.Version2!, path, layout.Version2!.Controllers);
        return new Cgroup(layout, directories, hierarchies);
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

    private static void MakeDirectories(CgroupHierarchy hierarchy, string path)
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
                if (!isCpuset) continue;
                InitializeCpuset(parent);
                // From here on the kernel copies both values to children itself.
                CgroupFile.TryWrite(parent + "/cgroup.clone_children", "1");
            }
            errno = LibC.TryMakeDirectory(directory);
        }
        if (errno is not (0 or Errno.EEXIST)) throw new LinuxException($"mkdir({directory})", errno);
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
