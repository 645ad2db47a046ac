using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>A session of its own, the controlling terminal, and descriptors 0 to 2.</summary>
internal static class Streams
{
    public static void Set(StepPlan plan) =>
        plan.Add(RuntimeStages.Terminal, "dup3(standard streams)", new Step { Kind = StepKind.StandardStreams });
}
