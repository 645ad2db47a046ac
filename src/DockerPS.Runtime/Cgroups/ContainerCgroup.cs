using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Cgroups;

/// <summary>The control group of a container that is about to be born.</summary>
internal static class ContainerCgroup
{
    /// <summary>Makes the group and writes its limits; what was made goes again when that fails.</summary>
    /// <param name="linux">Whose resources.</param>
    /// <param name="layout">This host's hierarchies.</param>
    /// <param name="path">Below each mount point.</param>
    /// <param name="lenient">As <see cref="CgroupPlan.From"/>.</param>
    /// <param name="warn">Told what is left out because the kernel cannot do it.</param>
    /// <exception cref="RuntimeFailureException">Names the property that asked for what cannot be had.</exception>
    public static Cgroup Make(RuntimeLinux linux, CgroupLayout layout, string path, bool lenient, Action<string> warn)
    {
        Cgroup? cgroup = null;
        try
        {
            CgroupPlan plan = CgroupPlan.From(linux.Resources, layout, lenient);
            cgroup = Cgroup.Create(layout, path);
            plan.Apply(cgroup);
            foreach (string warning in plan.Warnings) warn(warning);
            return cgroup;
        }
        catch (LinuxException e)
        {
            cgroup?.Remove();
            throw RuntimeFailureException.From(RuntimeStages.Cgroup, e);
        }
    }

    /// <summary>The absolute directories that a group of this path has.</summary>
    public static List<string> Directories(CgroupLayout layout, string path)
    {
        var directories = new List<string>();
        foreach (CgroupHierarchy hierarchy in layout.Version1) directories.Add(hierarchy.MountPoint + path);
        if (layout.Version2 is { } unified) directories.Add(unified.MountPoint + path);
        return directories;
    }
}
