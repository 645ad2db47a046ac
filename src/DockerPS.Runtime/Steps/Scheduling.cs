using System.Globalization;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>When and where the process runs: scheduler, input/output priority, processors, memory nodes (config.md, "Linux Process").</summary>
internal static unsafe class Scheduling
{
    private const int MaskBytes = 1024;

    /// <summary>After the cgroups are joined: a container runs wherever its cpuset allows, however confined its starter is.</summary>
    public static void ResetCpus(StepPlan plan) =>
        plan.Add(RuntimeStages.Scheduling, "sched_setaffinity(all)", new Step { Kind = StepKind.ResetCpus });

    /// <summary>Of a further process while it enters the container.</summary>
    public static void SetInitialCpus(StepPlan plan, Setting setting) =>
        AddCpus(plan, setting.Process.ExecCpuAffinity?.Initial, "$.process.execCPUAffinity.initial");

    /// <summary>Of a further process when it has entered.</summary>
    public static void SetFinalCpus(StepPlan plan, Setting setting)
    {
        if (setting.Process.ExecCpuAffinity?.Final is { Length: > 0 } final) AddCpus(plan, final, "$.process.execCPUAffinity.final");
        else ResetCpus(plan);
    }

    /// <summary>While all capabilities are there.</summary>
    public static void Set(StepPlan plan, Setting setting)
    {
        if (setting.Process.Scheduler is { } scheduler) AddScheduler(plan, scheduler);
        if (setting.Process.IoPriority is { } priority)
        {
            int @class = priority.Class switch
            {
                "IOPRIO_CLASS_RT" => 1,
                "IOPRIO_CLASS_BE" => 2,
                "IOPRIO_CLASS_IDLE" => 3,
                _ => throw Setting.Invalid(
                    $"$.process.ioPriority.class: '{priority.Class}' is none of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE and IOPRIO_CLASS_IDLE"),
            };
            if (priority.Priority is < 0 or > 7)
                throw Setting.Invalid($"$.process.ioPriority.priority: {priority.Priority} is not between 0 and 7");
            plan.Add(RuntimeStages.Scheduling, $"$.process.ioPriority: ioprio_set({priority.Class}, {priority.Priority})", new Step
            {
                Kind = StepKind.IoPriority,
                Value = (ulong)((@class << 13) | priority.Priority),
            });
        }
    }

    /// <summary>linux.memoryPolicy, of the first process and what it starts.</summary>
    public static void SetMemoryPolicy(StepPlan plan, Setting setting)
    {
        if (setting.Linux.MemoryPolicy is not { } policy) return;
        ulong mode = policy.Mode switch
        {
            "MPOL_DEFAULT" => 0UL,
            "MPOL_PREFERRED" => 1,
            "MPOL_BIND" => 2,
            "MPOL_INTERLEAVE" => 3,
            "MPOL_LOCAL" => 4,
            "MPOL_PREFERRED_MANY" => 5,
            "MPOL_WEIGHTED_INTERLEAVE" => 6,
            _ => throw Setting.Invalid($"$.linux.memoryPolicy.mode: '{policy.Mode}' is no policy of this kernel"),
        };
        foreach (string flag in policy.Flags ?? [])
        {
            mode |= flag switch
            {
                "MPOL_F_STATIC_NODES" => 1UL << 15,
                "MPOL_F_RELATIVE_NODES" => 1UL << 14,
                "MPOL_F_NUMA_BALANCING" => 1UL << 13,
                _ => throw Setting.Invalid($"$.linux.memoryPolicy.flags: '{flag}' is no flag of this kernel"),
            };
        }

        bool nodes = policy.Nodes is { Length: > 0 };
        plan.Add(RuntimeStages.Scheduling, $"$.linux.memoryPolicy: set_mempolicy({policy.Mode}, {policy.Nodes})", new Step
        {
            Kind = StepKind.MemoryPolicy,
            Flags = mode,
            Data = nodes ? Mask(plan, policy.Nodes!, "$.linux.memoryPolicy.nodes") : null,
            Value = nodes ? (MaskBytes * 8UL) + 1 : 0,
        });
    }

    private static void AddScheduler(StepPlan plan, RuntimeScheduler scheduler)
    {
        const int SchedulerLength = 48;
        uint policy = scheduler.Policy switch
        {
            "SCHED_OTHER" => 0,
            "SCHED_FIFO" => 1,
            "SCHED_RR" => 2,
            "SCHED_BATCH" => 3,
            "SCHED_ISO" => 4,
            "SCHED_IDLE" => 5,
            "SCHED_DEADLINE" => 6,
            _ => throw Setting.Invalid($"$.process.scheduler.policy: '{scheduler.Policy}' is no policy of Linux"),
        };
        ulong flags = 0;
        foreach (string flag in scheduler.Flags ?? [])
        {
            flags |= flag switch
            {
                "SCHED_FLAG_RESET_ON_FORK" => 1UL,
                "SCHED_FLAG_RECLAIM" => 2,
                "SCHED_FLAG_DL_OVERRUN" => 4,
                "SCHED_FLAG_KEEP_POLICY" => 8,
                "SCHED_FLAG_KEEP_PARAMS" => 0x10,
                "SCHED_FLAG_UTIL_CLAMP_MIN" => 0x20,
                "SCHED_FLAG_UTIL_CLAMP_MAX" => 0x40,
                _ => throw Setting.Invalid($"$.process.scheduler.flags: '{flag}' is no flag of sched_setattr(2)"),
            };
        }

        // struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period.
        byte* attributes = plan.Allocate(SchedulerLength);
        *(uint*)attributes = SchedulerLength;
        *(uint*)(attributes + 4) = policy;
        *(ulong*)(attributes + 8) = flags;
        *(int*)(attributes + 16) = scheduler.Nice ?? 0;
        *(uint*)(attributes + 20) = (uint)(scheduler.Priority ?? 0);
        *(ulong*)(attributes + 24) = scheduler.Runtime ?? 0;
        *(ulong*)(attributes + 32) = scheduler.Deadline ?? 0;
        *(ulong*)(attributes + 40) = scheduler.Period ?? 0;
        plan.Add(
            RuntimeStages.Scheduling,
            $"$.process.scheduler: sched_setattr({scheduler.Policy})",
            new Step { Kind = StepKind.Scheduler, Data = attributes });
    }

    private static void AddCpus(StepPlan plan, string? list, string property)
    {
        if (list is not { Length: > 0 }) return;
        plan.Add(RuntimeStages.Scheduling, $"{property}: sched_setaffinity({list})", new Step
        {
            Kind = StepKind.Cpus,
            Data = Mask(plan, list, property),
            Value = MaskBytes,
        });
    }

    /// <summary>A list such as <c>0-3,7</c> as bits.</summary>
    private static byte* Mask(StepPlan plan, string list, string property)
    {
        byte* mask = plan.Allocate(MaskBytes);
        new Span<byte>(mask, MaskBytes).Clear();
        foreach (string part in list.Split(','))
        {
            string range = part.Trim();
            int dash = range.IndexOf('-');
            uint last = 0;
            bool valid = dash < 0
                ? Number(range, out uint first) && Number(range, out last)
                : Number(range[..dash], out first) & Number(range[(dash + 1)..], out last);
            if (!valid || last < first || last >= MaskBytes * 8)
                throw Setting.Invalid($"{property}: '{list}' is no list of numbers such as 0-3,7");
            for (uint i = first; i <= last; i++) mask[i / 8] |= (byte)(1 << (int)(i % 8));
        }

        return mask;
    }

    private static bool Number(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
