using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>A time namespace of its own (time_namespaces(7)), with the offsets of linux.timeOffsets.</summary>
internal static class TimeNamespace
{
    public static void Enter(StepPlan plan, Setting setting)
    {
        if (!setting.Has("time")) return;
        // By descriptor: a mount namespace that was joined need not have a /proc, or has another.
        int proc = LibC.Open("/proc", LibC.O_PATH | LibC.O_DIRECTORY);
        setting.Descriptors.Add(proc);
        plan.Add(RuntimeStages.Namespaces, "unshare(CLONE_NEWTIME)", new Step { Kind = StepKind.EnterTime, Fd = proc });
    }
}
