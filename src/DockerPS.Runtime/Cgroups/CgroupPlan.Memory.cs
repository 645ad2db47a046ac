using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class CgroupPlan
{
    private void AddMemory(RuntimeMemory memory)
    {
        if (!AsksForAnything(memory)) return;
        CheckSwap(memory);
        if (Require("memory", "memory") == 1) AddMemory1(memory);
        else AddMemory2(memory);
    }

    private bool AsksForAnything(RuntimeMemory memory) =>
        memory.Limit is not (null or 0) || memory.Reservation is not (null or 0) || memory.Swap is not (null or 0)
        || memory.Swappiness is not null || memory.KernelTcp is not (null or 0) || memory.Kernel is not (null or 0)
        || memory.UseHierarchy is not null || memory.DisableOomKiller == true || (memory.DisableOomKiller == false && _current is not null);

    /// <summary>Swap is memory and swap together, in the specification as in version 1.</summary>
    private void CheckSwap(RuntimeMemory memory)
    {
        if (memory.Swap is not > 0) return;
        long? limit = LimitWith(memory);
        if (limit is not > 0) throw Invalid("memory.swap", "needs memory.limit, for it limits memory and swap together");
        if (memory.Swap < limit) throw Invalid("memory.swap", $"{memory.Swap} is less than memory.limit {limit}, and includes it");
    }

    /// <summary>The limit of memory that will be: the one asked for, else in an update the one there is.</summary>
    private long? LimitWith(RuntimeMemory memory) => memory.Limit is not (null or 0)
        ? memory.Limit
        : Current("memory", _layout.VersionOf("memory") == 1 ? "memory.limit_in_bytes" : "memory.max");

    private void AddMemory1(RuntimeMemory memory)
    {
        // Groups below share the limits of those above since Linux 5.11, whatever is asked; before that it had to be turned on first.
        if (memory.UseHierarchy is { } shared) Write("memory", "memory.use_hierarchy", shared ? "1" : "0", "memory.useHierarchy");
        AddLimits1(memory);
        if (memory.Reservation is not (null or 0))
            Write("memory", "memory.soft_limit_in_bytes", memory.Reservation.Value, "memory.reservation");
        if (memory.Kernel is not (null or 0)) Write("memory", "memory.kmem.limit_in_bytes", memory.Kernel.Value, "memory.kernel");
        if (memory.KernelTcp is not (null or 0))
            Write("memory", "memory.kmem.tcp.limit_in_bytes", memory.KernelTcp.Value, "memory.kernelTCP");
        if (memory.Swappiness is { } swappiness)
        {
            if (swappiness > 100) throw Invalid("memory.swappiness", $"{swappiness} is not between 0 and 100");
            Write("memory", "memory.swappiness", swappiness, "memory.swappiness");
        }
        if (memory.DisableOomKiller is { } disable && (disable || _current is not null))
            Write("memory", "memory.oom_control", disable ? "1" : "0", "memory.disableOOMKiller");
    }

    private void AddLimits1(RuntimeMemory memory)
    {
        CgroupWrite? limit = memory.Limit is null or 0
            ? null
            : new CgroupWrite("memory", "memory.limit_in_bytes", Text(memory.Limit.Value), Resources + "memory.limit");
        long? both = memory.Swap is null or 0 && memory.Limit == -1 ? -1 : memory.Swap;
        CgroupWrite? swap = both is null or 0
            ? null
            : new CgroupWrite("memory", "memory.memsw.limit_in_bytes", Text(both.Value), Resources + "memory.swap")
            {
                // Only there when the kernel counts swap (swapaccount=1).
                Missing = both > 0 ? MayBeMissing : CgroupFileMissing.Skip,
            };
        if (memory.CheckBeforeUpdate == true) CheckUsage(memory.Limit, Current("memory", "memory.usage_in_bytes"));

        // The kernel keeps limit <= memsw.limit at every moment. A new group has none, so the smaller comes first; so it does when
        // both go down, and the other way round when the new limit is above the old sum.
        long? sum = Current("memory", "memory.memsw.limit_in_bytes");
        bool sumFirst = sum is > 0 && (memory.Limit == -1 || memory.Limit > sum);
        if (sumFirst && swap is not null) Writes.Add(swap);
        if (limit is not null) Writes.Add(limit);
        if (!sumFirst && swap is not null) Writes.Add(swap);
    }

    private void AddMemory2(RuntimeMemory memory)
    {
        if (memory.UseHierarchy == false) Refuse("memory.useHierarchy", "groups of cgroup version 2 always share the limits above them");
        // Version 2 limits swap alone. With memory unlimited so is swap, as in version 1.
        string? swap = memory.Swap switch
        {
            > 0 => Text(memory.Swap.Value - LimitWith(memory)!.Value),
            -1 => "max",
            _ => memory.Limit == -1 ? "max" : null,
        };
        if (memory.CheckBeforeUpdate == true) CheckUsage(memory.Limit, Current("memory", "memory.current"));
        if (memory.Limit is not (null or 0)) Write("memory", "memory.max", Limit(memory.Limit.Value), "memory.limit");
        if (swap is not null)
        {
            Writes.Add(new CgroupWrite("memory", "memory.swap.max", swap, Resources + "memory.swap")
            {
                // Without swap accounting there is no file. No swap at all is what a kernel without it gives.
                Missing = swap is "max" or "0" ? CgroupFileMissing.Skip : MayBeMissing,
            });
        }
        if (memory.Reservation is not (null or 0))
            Write("memory", "memory.low", Limit(memory.Reservation.Value), "memory.reservation");
        if (memory.Kernel is not (null or 0)) Refuse("memory.kernel", "cgroup version 2 counts it as memory");
        if (memory.KernelTcp is not (null or 0)) Refuse("memory.kernelTCP", "cgroup version 2 counts it as memory");
        if (memory.Swappiness is not null) Refuse("memory.swappiness", "cgroup version 2 has no such setting");
        if (memory.DisableOomKiller == true) Refuse("memory.disableOOMKiller", "cgroup version 2 has no such setting");
    }

    /// <summary>Version 2 would kill processes to get below a new limit.</summary>
    private static void CheckUsage(long? limit, long? usage)
    {
        if (limit is > 0 && usage > limit)
            throw new LinuxException($"{Resources}memory.limit: {limit} is less than the {usage} bytes in use (checkBeforeUpdate)", Errno.EBUSY);
    }
}
