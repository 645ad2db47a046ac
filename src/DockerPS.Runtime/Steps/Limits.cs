using System.Globalization;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Limits of the process itself: setrlimit(2) and the score by which the kernel chooses whom to kill for memory.</summary>
internal static unsafe class Limits
{
    public static void Set(StepPlan plan, Setting setting)
    {
        foreach (RuntimeRlimit limit in setting.Process.Rlimits ?? [])
        {
            plan.Add(RuntimeStages.Rlimits, $"setrlimit({limit.Type}, {limit.Soft}, {limit.Hard})", new Step
            {
                Kind = StepKind.Rlimit,
                Flags = (ulong)Number(limit.Type),
                Value = limit.Soft,
                Extra = limit.Hard,
            });
        }
    }

    /// <summary>Before the pivot, while the host's procfs is there.</summary>
    public static void SetOomScore(StepPlan plan, Setting setting)
    {
        if (setting.Process.OomScoreAdj is not { } score) return;
        string text = score.ToString(CultureInfo.InvariantCulture);
        plan.Add(RuntimeStages.Rlimits, $"write(/proc/self/oom_score_adj, {text})", new Step
        {
            Kind = StepKind.WriteFile,
            Path = plan.Text("/proc/self/oom_score_adj"),
            Data = plan.Text(text),
            Value = (ulong)text.Length,
        });
    }

    private static int Number(string type) => type switch
    {
        "RLIMIT_CPU" => 0,
        "RLIMIT_FSIZE" => 1,
        "RLIMIT_DATA" => 2,
        "RLIMIT_STACK" => 3,
        "RLIMIT_CORE" => 4,
        "RLIMIT_RSS" => 5,
        "RLIMIT_NPROC" => 6,
        "RLIMIT_NOFILE" => 7,
        "RLIMIT_MEMLOCK" => 8,
        "RLIMIT_AS" => 9,
        "RLIMIT_LOCKS" => 10,
        "RLIMIT_SIGPENDING" => 11,
        "RLIMIT_MSGQUEUE" => 12,
        "RLIMIT_NICE" => 13,
        "RLIMIT_RTPRIO" => 14,
        "RLIMIT_RTTIME" => 15,
        _ => throw Setting.Invalid($"process.rlimits: '{type}' is no limit of this kernel"),
    };
}
