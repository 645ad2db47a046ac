using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Where a container's birth halts for others (runtime.md, "Lifecycle"): for hooks before the pivot, and between create and start.</summary>
internal static class StartGate
{
    public static void AwaitHooks(StepPlan plan, Setting setting)
    {
        if (setting.BeforePivot is not null)
            plan.Add(RuntimeStages.Hooks, "write(channel)", new Step { Kind = StepKind.AwaitHooks });
    }

    /// <summary>Before privileges are dropped and a filter is loaded: neither then needs to allow what waiting takes.</summary>
    public static void AwaitStart(StepPlan plan, Setting setting)
    {
        if (setting.StartListener < 0) return;
        plan.Add(
            RuntimeStages.Exec, $"access({setting.Process.Args?[0]})", new Step { Kind = StepKind.FindProgram });
        plan.Add(RuntimeStages.Exec, "accept(start.sock)", new Step { Kind = StepKind.AwaitStart, Fd = setting.StartListener });
    }
}
