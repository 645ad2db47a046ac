using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>A pseudo terminal out of the container's own devpts, so that tty(1) there knows it.</summary>
internal static class Terminal
{
    public static void Open(StepPlan plan, Setting setting) => Add(plan, setting, onConsole: true);

    /// <summary>For a further process: /dev/console belongs to the first one.</summary>
    public static void OpenInside(StepPlan plan, Setting setting) => Add(plan, setting, onConsole: false);

    private static void Add(StepPlan plan, Setting setting, bool onConsole)
    {
        if (!setting.Process.Terminal) return;
        plan.Add(
            RuntimeStages.Terminal, "open(/dev/pts/ptmx)", new Step { Kind = StepKind.Terminal, Value = onConsole ? 1UL : 0 });
    }
}
