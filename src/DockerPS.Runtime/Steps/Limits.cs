using System.Globalization;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Limits of the process itself: setrlimit(2) and the score by which the kernel chooses whom to kill for memory.</summary>
internal static unsafe class Limits
{
    /// <summary>By the process itself; in a user namespace, where it has no rights to raise them, <see cref="Set(int, Setting)"/> does it.</summary>
    public static void Set(StepPlan plan, Setting setting)
    {
        if (setting.InUserNamespace) return;
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

    /// <summary>By the parent, for a process that waits.</summary>
    public static void Set(int pid, Setting setting)
    {
        ulong* pair = stackalloc ulong[2];
        foreach (RuntimeRlimit limit in setting.Process.Rlimits ?? [])
        {
            pair[0] = limit.Soft;
            pair[1] = limit.Hard;
            nint result = Syscall.Invoke(Syscall.Prlimit64, pid, Number(limit.Type), (nint)pair);
            if (result < 0)
            {
                throw RuntimeFailureException.From(
                    RuntimeStages.Rlimits, new LinuxException($"setrlimit({limit.Type}, {limit.Soft}, {limit.Hard})", (int)-result));
            }
        }
    }

    /// <summary>Before the pivot, while the host's procfs is there.</summary>
    public static void SetOomScore(StepPlan plan, Setting setting)
    {
        if (setting.InUserNamespace || setting.Process.OomScoreAdj is not { } score) return;
        string text = score.ToString(CultureInfo.InvariantCulture);
        plan.Add(RuntimeStages.Rlimits, $"write(/proc/self/oom_score_adj, {text})", new Step
        {
            Kind = StepKind.WriteFile,
            Path = plan.Text("/proc/self/oom_score_adj"),
            Data = plan.Text(text),
            Value = (ulong)text.Length,
        });
    }

    /// <summary>By the parent: a score below the present one needs a right of the host.</summary>
    public static void SetOomScore(int pid, Setting setting)
    {
        if (setting.Process.OomScoreAdj is not { } score) return;
        string path = $"/proc/{pid}/oom_score_adj", text = score.ToString(CultureInfo.InvariantCulture);
        // A plain user may not even write what it is already.
        if (LibC.TryReadFile(path) is { } now && now.AsSpan().TrimEnd("\n"u8).SequenceEqual(Encoding.ASCII.GetBytes(text))) return;
        int file = LibC.Open(path, LibC.O_WRONLY);
        int result = LibC.TryWrite(file, Encoding.ASCII.GetBytes(text));
        LibC.Close(ref file);
        if (result < 0)
            throw RuntimeFailureException.From(RuntimeStages.Rlimits, new LinuxException($"write({path}, {text})", -result));
    }

    private static int Number(string type) => RlimitName.Number(type) is >= 0 and var number
        ? number
        : throw Setting.Invalid($"process.rlimits: '{type}' is no limit of this kernel");
}
