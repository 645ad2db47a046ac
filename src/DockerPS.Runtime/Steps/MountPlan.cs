using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>The mounts of config.json, in its order, below the root file system (OCI runtime-spec, config.md, "Mounts").</summary>
internal static unsafe class MountPlan
{
    public static void Mount(StepPlan plan, Setting setting)
    {
        foreach (RuntimeMount mount in setting.Config.Mounts ?? [])
        {
            if (!mount.Destination.StartsWith('/'))
                throw Setting.Invalid($"mounts: destination '{mount.Destination}' must be absolute");
            // Purely of the text: what the path's links say is decided by the kernel, below the root.
            string destination = Path.GetFullPath(mount.Destination);
            MountOptions options = MountOptions.Parse(mount.Options);
            if (options.Bind || mount.Type == "bind") AddBind(plan, setting, mount.Source ?? "", destination, options);
            else if (mount.Type is "cgroup" or "cgroup2") AddCgroups(plan, setting, destination, options);
            else AddFileSystem(plan, mount, destination, options);
        }
    }

    private static void AddFileSystem(StepPlan plan, RuntimeMount mount, string destination, MountOptions options)
    {
        string type = mount.Type ?? throw Setting.Invalid($"mounts: '{destination}' has no type");
        plan.Add(RuntimeStages.Mounts, $"mount({type}, {destination})", new Step
        {
            Kind = StepKind.MountAt,
            Source = plan.Text(mount.Source ?? type),
            Path = plan.Text(destination),
            Type = plan.Text(type),
            Flags = options.Flags,
            Propagation = options.Propagation,
            Data = plan.Text(options.Data),
        });
    }

    private static void AddBind(StepPlan plan, Setting setting, string source, string destination, MountOptions options)
    {
        source = Path.GetFullPath(source, setting.Bundle);
        bool directory = Directory.Exists(source);
        if (!directory && !File.Exists(source))
        {
            throw new RuntimeFailureException(
                RuntimeStages.Mounts, $"The source '{source}' of the mount on '{destination}' is not there.", $"mount({source})", Errno.ENOENT);
        }

        ulong access = options.Cleared & (LibC.MS_RDONLY | LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC);
        plan.Add(RuntimeStages.Mounts, $"mount({source}, {destination})", new Step
        {
            Kind = StepKind.BindAt,
            Source = plan.Text(source),
            Path = plan.Text(destination),
            Flags = MountOptions.Attributes(options.Flags),
            Clear = MountOptions.Attributes(access),
            Propagation = options.Propagation,
            Value = (options.Recursive ? 1UL : 0) | (directory ? 0UL : 2),
        });
    }

    /// <summary>v2: the one hierarchy. v1 and hybrid: a small tmpfs with each hierarchy at the container's own cgroup.</summary>
    private static void AddCgroups(StepPlan plan, Setting setting, string destination, MountOptions options)
    {
        CgroupLayout? layout = setting.CgroupLayout;
        if (layout is null or { Kind: CgroupKind.None } || setting.Cgroup is null) return;
        bool ownNamespace = setting.Has("cgroup");
        if (layout.Kind == CgroupKind.V2)
        {
            if (ownNamespace)
            {
                AddFileSystem(plan, new RuntimeMount { Type = "cgroup2", Source = "cgroup" }, destination, options with { Data = null });
            }
            else
            {
                AddBind(plan, setting, layout.Version2!.MountPoint, destination, options with { Recursive = false });
            }

            return;
        }

        AddFileSystem(
            plan,
            new RuntimeMount { Type = "tmpfs", Source = "cgroup" },
            destination,
            new MountOptions { Flags = LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC, Data = "mode=755,size=64k" });
        foreach (CgroupHierarchy hierarchy in layout.Version1)
        {
            string name = Path.GetFileName(hierarchy.MountPoint);
            string? own = hierarchy.Controllers.Length > 0
                ? setting.Cgroup.DirectoryOf(hierarchy.Controllers[0])
                : Find(setting.Cgroup, hierarchy.MountPoint);
            if (own is null) continue;
            AddBind(plan, setting, ownNamespace ? own : hierarchy.MountPoint, $"{destination}/{name}", options with { Recursive = false, Data = null });
            if (hierarchy.Controllers.Length < 2) continue;
            foreach (string controller in hierarchy.Controllers)
            {
                if (controller == name) continue;
                plan.Add(
                    RuntimeStages.Mounts,
                    $"symlink({destination}/{controller})",
                    new Step { Kind = StepKind.SymlinkAt, Source = plan.Text(name), Path = plan.Text($"{destination}/{controller}") });
            }
        }

        if ((options.Flags & LibC.MS_RDONLY) == 0) return;
        plan.Add(
            RuntimeStages.Mounts,
            $"mount_setattr({destination}, ro)",
            new Step { Kind = StepKind.AttributesAt, Path = plan.Text(destination), Flags = LibC.MOUNT_ATTR_RDONLY });
    }

    private static string? Find(Cgroup cgroup, string mountPoint)
    {
        foreach (string directory in cgroup.Directories)
        {
            if (directory.StartsWith(mountPoint + "/", StringComparison.Ordinal)) return directory;
        }

        return null;
    }
}
