using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Joining the container's cgroups. On v2 clone3 puts the child there; on v1 the child writes itself into each tasks file.</summary>
internal static class CgroupStep
{
    public static void Join(StepPlan plan, Setting setting)
    {
        if (setting.Cgroup is null || setting.CgroupLayout is null or { Kind: CgroupKind.V2 }) return;
        foreach (int descriptor in setting.Cgroup.OpenJoinDescriptors())
        {
            setting.Descriptors.Add(descriptor);
            plan.Add(RuntimeStages.Cgroup, "write(cgroup tasks)", new Step { Kind = StepKind.JoinCgroup, Fd = descriptor });
        }
    }

    /// <summary>The directory for CLONE_INTO_CGROUP, or -1.</summary>
    public static int CloneInto(Setting setting)
    {
        if (setting.Cgroup is null || setting.CgroupLayout is not { Kind: CgroupKind.V2 }) return -1;
        int descriptor = setting.Cgroup.OpenDirectoryDescriptor();
        setting.Descriptors.Add(descriptor);
        return descriptor;
    }
}
