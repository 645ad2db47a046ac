using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>A session of its own, the controlling terminal, and descriptors 0 to 2.</summary>
internal static class Streams
{
    /// <summary>Nothing else is open when paths of the container are looked up.</summary>
    public static void CloseOthers(StepPlan plan, Setting setting) =>
        plan.Add(RuntimeStages.Terminal, "close_range()", new Step
        {
            Kind = StepKind.CloseDescriptors, Value = 3 + (ulong)setting.KeptDescriptors,
        });

    public static void Set(StepPlan plan) =>
        plan.Add(RuntimeStages.Terminal, "dup3(standard streams)", new Step { Kind = StepKind.StandardStreams });
}
