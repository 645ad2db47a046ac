using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>The program itself.</summary>
internal static class Execution
{
    /// <summary>What a filter might not allow.</summary>
    public static void Prepare(StepPlan plan) =>
        plan.Add(RuntimeStages.Exec, "close_range(CLOSE_RANGE_CLOEXEC)", new Step { Kind = StepKind.PrepareExecution });

    public static void Execute(StepPlan plan, Setting setting)
    {
        if (setting.Process.Args is not { Count: > 0 } args) throw Setting.Invalid("process.args is empty");
        if (setting.Surroundings is { Init: true } && ReferenceEquals(setting.Process, setting.Config.Process))
            plan.Add(RuntimeStages.Exec, "clone3(reaper)", new Step { Kind = StepKind.Reaper });
        plan.Add(RuntimeStages.Exec, $"execve({args[0]})", new Step { Kind = StepKind.Execute });
    }

    /// <summary>What execve tries, in order: the path itself, or each directory of the process's PATH.</summary>
    public static List<string> Candidates(string command, List<string>? environment)
    {
        if (command.Contains('/', StringComparison.Ordinal)) return [command];
        const string Default = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        string path = environment?.FindLast(e => e.StartsWith("PATH=", StringComparison.Ordinal))?[5..] ?? Default;
        var candidates = new List<string>();
        foreach (string directory in path.Split(':'))
            candidates.Add(directory.Length == 0 ? "./" + command : directory.TrimEnd('/') + "/" + command);
        return candidates;
    }
}
