using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>First and last steps of a process that lives to make one mount (<see cref="Birth.MakeTree"/>).</summary>
internal static unsafe class DetachedTree
{
    public static void Private(StepPlan plan) => plan.Add(
        RuntimeStages.Volume, "mount(/, rprivate)", new Step { Kind = StepKind.Mount, Path = plan.Text("/"), Flags = LibC.MS_PRIVATE | LibC.MS_REC });

    /// <summary>What is at a path, or at one below it that cannot lead out of it.</summary>
    public static void Send(StepPlan plan, string path, string? subpath)
    {
        plan.Add(RuntimeStages.Volume, $"open({path})", new Step { Kind = StepKind.OpenRoot, Path = plan.Text(path) });
        plan.Add(RuntimeStages.Volume, $"open_tree({subpath ?? path})", new Step { Kind = StepKind.SendTree, Path = plan.Text(subpath ?? "."), Value = 1 });
    }
}
