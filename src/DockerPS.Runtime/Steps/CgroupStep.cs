using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Joining the container's cgroups. clone3 puts the child into v2's; it writes itself into each tasks file of v1.</summary>
internal static class CgroupStep
{
    public static void Join(StepPlan plan, Setting setting)
    {
        if (setting.Cgroup is null) return;
        foreach (int descriptor in setting.Cgroup.OpenJoinDescriptors())
        {
            setting.Descriptors.Add(descriptor);
            plan.Add(RuntimeStages.Cgroup, "write(cgroup tasks)", new Step { Kind = StepKind.JoinCgroup, Fd = descriptor });
        }
    }

    /// <summary>The directory (v2) for CLONE_INTO_CGROUP, or -1.</summary>
    public static int CloneInto(Setting setting)
    {
        if (setting.Cgroup is null) return -1;
        int descriptor = setting.Cgroup.OpenDirectoryDescriptor();
        if (descriptor >= 0) setting.Descriptors.Add(descriptor);
        return descriptor;
    }
}
