using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>What a network namespace of one's own needs at the least.</summary>
internal static class NetworkStep
{
    public static void LoopbackUp(StepPlan plan, Setting setting)
    {
        // A machine that withholds the capability can still run containers without networks; their loopback then stays down.
        if (setting.Has("network") && (setting.Has("user") || Capabilities.Has("CAP_NET_ADMIN")))
            plan.Add(RuntimeStages.Namespaces, "ioctl(lo, SIOCSIFFLAGS)", new Step { Kind = StepKind.LoopbackUp });
    }
}
