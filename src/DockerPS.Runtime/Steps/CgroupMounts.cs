using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// A mount of type cgroup (config-linux.md, "Cgroup ownership" and "Namespaces"). Version 2: the one hierarchy, which a cgroup namespace
/// roots at the container's own group. Version 1 and hybrid: a small tmpfs with each hierarchy, named ones and version 2's among
/// them, at the container's own group whether it has a namespace or not.
/// </summary>
internal static unsafe class CgroupMounts
{
    public static void Add(StepPlan plan, Setting setting, MountItem item)
    {
        CgroupLayout? layout = setting.CgroupLayout;
        if (layout is null or { Kind: CgroupKind.None } || setting.Cgroup is not { } cgroup)
            throw Setting.Invalid($"{item.Where}: this machine has no cgroups mounted for the container; leave the mount out");
        MountOptions options = item.Options with { Data = null };
        if (layout.Kind == CgroupKind.V2)
        {
            bool usersOnly = setting.Find("user") is not null && !setting.Has("cgroup");
            if (setting.Has("cgroup"))
            {
                MountPlan.AddFileSystem(
                    plan, setting, item with { Mount = new RuntimeMount { Type = "cgroup2", Source = "cgroup" }, Options = options });
            }
            else
            {
                // Another user namespace has no right to the machine's whole hierarchy.
                string source = usersOnly ? Own(cgroup, layout.Version2!.MountPoint) ?? layout.Version2.MountPoint : layout.Version2!.MountPoint;
                Bind(plan, setting, item, source, item.Destination, options, 0);
            }

            return;
        }

        var tmpfs = new MountOptions
        {
            Flags = LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC, Data = "mode=755,size=64k", Propagation = options.Propagation,
        };
        MountPlan.AddFileSystem(
            plan,
            setting,
            item with { Mount = new RuntimeMount { Type = "tmpfs", Source = "cgroup" }, Options = tmpfs },
            MountTraits.KeepTree);
        foreach (CgroupHierarchy hierarchy in layout.Version1) AddHierarchy(plan, setting, item, options, cgroup, hierarchy);
        if (layout.Version2 is { } unified && Own(cgroup, unified.MountPoint) is { } group)
            Bind(plan, setting, item, group, "/" + Path.GetFileName(unified.MountPoint), options, MountTraits.BelowTree);
        plan.Add(RuntimeStages.Mounts, $"{item.Where}: mount_setattr({item.Destination})", new Step
        {
            Kind = StepKind.AttributesAt,
            Path = plan.Text(item.Destination),
            Flags = options.Set & LibC.MOUNT_ATTR_RDONLY,
            Value = MountTraits.KeepTree,
        });
    }

    private static void AddHierarchy(
        StepPlan plan, Setting setting, MountItem item, MountOptions options, Cgroup cgroup, CgroupHierarchy hierarchy)
    {
        string name = Path.GetFileName(hierarchy.MountPoint);
        if (Own(cgroup, hierarchy.MountPoint) is not { } group) return;
        Bind(plan, setting, item, group, "/" + name, options, MountTraits.BelowTree);
        if (hierarchy.Controllers.Length < 2) return;
        foreach (string controller in hierarchy.Controllers)
        {
            if (controller == name) continue;
            plan.Add(RuntimeStages.Mounts, $"{item.Where}: symlink({item.Destination}/{controller})", new Step
            {
                Kind = StepKind.SymlinkAt,
                Source = plan.Text(name),
                Path = plan.Text("/" + controller),
                Value = MountTraits.BelowTree,
            });
        }
    }

    private static void Bind(
        StepPlan plan, Setting setting, MountItem item, string source, string destination, MountOptions options, ulong traits)
    {
        options.Bind = true;
        options.Recursive = false;
        // An index of its own: the trees made for config.json's mounts are not meant.
        MountPlan.AddBind(
            plan,
            setting,
            item with { Index = -1, Mount = new RuntimeMount { Source = source }, Destination = destination, Options = options },
            traits);
    }

    private static string? Own(Cgroup cgroup, string mountPoint)
    {
        foreach (string directory in cgroup.Directories)
        {
            if (directory.StartsWith(mountPoint + "/", StringComparison.Ordinal)) return directory;
        }

        return null;
    }
}
