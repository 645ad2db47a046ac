using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>The working directory, made when missing, as Docker does with WORKDIR.</summary>
internal static unsafe class WorkingDirectory
{
    public static void Enter(StepPlan plan, Setting setting) => Add(plan, setting, 1);

    /// <summary>As the user, where root may not: on a network's file system, for instance.</summary>
    public static void EnterAsUser(StepPlan plan, Setting setting) => Add(plan, setting, 2);

    private static void Add(StepPlan plan, Setting setting, ulong value)
    {
        string path = setting.Process.Cwd is { Length: > 0 } given ? given : "/";
        if (!path.StartsWith('/')) throw Setting.Invalid($"$.process.cwd: '{path}' must be absolute");
        plan.Add(
            RuntimeStages.WorkingDirectory,
            $"chdir({path})",
            new Step { Kind = StepKind.WorkingDirectory, Path = plan.Text(path), Value = value });
    }
}
