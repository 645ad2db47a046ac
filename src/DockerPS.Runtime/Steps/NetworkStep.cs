using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>What a network namespace of one's own needs at the least.</summary>
internal static class NetworkStep
{
    public static void LoopbackUp(StepPlan plan, Setting setting)
    {
        if (setting.Has("network"))
            plan.Add(RuntimeStages.Namespaces, "ioctl(lo, SIOCSIFFLAGS)", new Step { Kind = StepKind.LoopbackUp });
    }
}
