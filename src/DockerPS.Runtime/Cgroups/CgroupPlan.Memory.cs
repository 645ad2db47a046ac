using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class CgroupPlan
{
    private void AddMemory(RuntimeMemory memory)
    {
        if (memory.Kernel is not null) Ignore("memory.kernel", "kernel memory is counted as memory");
        if (!AsksForAnything(memory)) return;
        CheckSwap(memory);
        if (Require("memory", "memory") == 1) AddMemory1(memory);
        else AddMemory2(memory);
    }

    private static bool AsksForAnything(RuntimeMemory memory) =>
        memory.Limit is not (null or 0) || memory.Reservation is not (null or 0) || memory.Swap is not (null or 0)
        || memory.Swappiness is not null || memory.DisableOomKiller == true || memory.KernelTcp is not (null or 0);

    /// <summary>Swap is memory and swap together, in the specification as in version 1.</summary>
    private static void CheckSwap(RuntimeMemory memory)
    {
        if (memory.Swap is not > 0) return;
        if (memory.Limit is not > 0) throw Invalid("memory.swap", "needs memory.limit, for it limits memory and swap together");
        if (memory.Swap < memory.Limit)
            throw Invalid("memory.swap", $"{memory.Swap} is less than memory.limit {memory.Limit}, and includes it");
    }

    private void AddMemory1(RuntimeMemory memory)
    {
        // The kernel keeps limit <= memsw.limit at every moment; a new group has none, so the smaller comes first.
        if (memory.Limit is not (null or 0)) Write("memory", "memory.limit_in_bytes", memory.Limit.Value, "memory.limit");
        long? swap = memory.Swap is null or 0 && memory.Limit == -1 ? -1 : memory.Swap;
        if (swap is not (null or 0))
        {
            // Only there when the kernel counts swap (swapaccount=1). Docker starts the container all the same.
            Writes.Add(new CgroupWrite("memory", "memory.memsw.limit_in_bytes", Text(swap.Value), Resources + "memory.swap")
            {
                Missing = swap > 0 ? CgroupFileMissing.Warn : CgroupFileMissing.Skip,
            });
        }
        if (memory.Reservation is not (null or 0))
            Write("memory", "memory.soft_limit_in_bytes", memory.Reservation.Value, "memory.reservation");
        if (memory.KernelTcp is not (null or 0))
            Write("memory", "memory.kmem.tcp.limit_in_bytes", memory.KernelTcp.Value, "memory.kernelTCP");
        if (memory.Swappiness is { } swappiness)
        {
            if (swappiness > 100) throw Invalid("memory.swappiness", $"{swappiness} is not between 0 and 100");
            Write("memory", "memory.swappiness", swappiness, "memory.swappiness");
        }
        if (memory.DisableOomKiller == true) Write("memory", "memory.oom_control", "1", "memory.disableOOMKiller");
    }

    private void AddMemory2(RuntimeMemory memory)
    {
        // Version 2 limits swap alone. With memory unlimited so is swap, as in version 1.
        if (memory.Limit is not (null or 0)) Write("memory", "memory.max", Limit(memory.Limit.Value), "memory.limit");
        string? swap = memory.Swap switch
        {
            > 0 => Text(memory.Swap.Value - memory.Limit!.Value),
            -1 => "max",
            _ => memory.Limit == -1 ? "max" : null,
        };
        if (swap is not null)
        {
            Writes.Add(new CgroupWrite("memory", "memory.swap.max", swap, Resources + "memory.swap")
            {
                Missing = swap == "max" ? CgroupFileMissing.Skip : CgroupFileMissing.Warn,
            });
        }
        if (memory.Reservation is not (null or 0))
            Write("memory", "memory.low", Limit(memory.Reservation.Value), "memory.reservation");
        if (memory.KernelTcp is not (null or 0)) Ignore("memory.kernelTCP", "cgroup version 2 counts it as memory");
        if (memory.Swappiness is not null) Ignore("memory.swappiness", "cgroup version 2 has no such setting");
        if (memory.DisableOomKiller == true) Ignore("memory.disableOOMKiller", "cgroup version 2 has no such setting");
    }
}
