using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class CgroupPlan
{
    private const ulong DefaultPeriod = 100_000;

    private void AddCpu(RuntimeCpu cpu)
    {
        bool asksForTime = cpu.Shares is not (null or 0) || cpu.Quota is not (null or 0) || cpu.Period is not (null or 0)
            || cpu.Burst is not null || cpu.Idle is not null || cpu.RealtimeRuntime is not null || cpu.RealtimePeriod is not null;
        if (asksForTime)
        {
            if (Require("cpu", "cpu") == 1) AddCpu1(cpu);
            else AddCpu2(cpu);
        }
        // The same two files in both versions. Memory nodes first: processors may be bound to them.
        if (!string.IsNullOrEmpty(cpu.Mems) || !string.IsNullOrEmpty(cpu.Cpus)) Require("cpuset", "cpu.cpus");
        if (!string.IsNullOrEmpty(cpu.Mems)) Write("cpuset", "cpuset.mems", cpu.Mems, "cpu.mems");
        if (!string.IsNullOrEmpty(cpu.Cpus)) Write("cpuset", "cpuset.cpus", cpu.Cpus, "cpu.cpus");
    }

    private void AddCpu1(RuntimeCpu cpu)
    {
        // Idle groups have the least shares there are, and refuse others.
        if (cpu.Shares is not (null or 0) && cpu.Idle != 1) Write("cpu", "cpu.shares", cpu.Shares.Value, "cpu.shares");
        if (cpu.RealtimePeriod is not (null or 0))
            Write("cpu", "cpu.rt_period_us", cpu.RealtimePeriod.Value, "cpu.realtimePeriod");
        if (cpu.RealtimeRuntime is not (null or 0))
            Write("cpu", "cpu.rt_runtime_us", cpu.RealtimeRuntime.Value, "cpu.realtimeRuntime");
        if (cpu.Period is not (null or 0)) Write("cpu", "cpu.cfs_period_us", cpu.Period.Value, "cpu.period");
        if (cpu.Quota is not (null or 0)) Write("cpu", "cpu.cfs_quota_us", cpu.Quota.Value, "cpu.quota");
        // Never more than the quota, so behind it.
        if (cpu.Burst is { } burst) Write("cpu", "cpu.cfs_burst_us", burst, "cpu.burst");
        if (cpu.Idle is { } idle) Write("cpu", "cpu.idle", idle, "cpu.idle");
    }

    private void AddCpu2(RuntimeCpu cpu)
    {
        if (cpu.RealtimeRuntime is not (null or 0) || cpu.RealtimePeriod is not (null or 0))
            throw Invalid("cpu.realtimeRuntime", "cgroup version 2 has no real-time limits");
        if (cpu.Idle is { } idle) Write("cpu", "cpu.idle", idle, "cpu.idle");
        if (cpu.Shares is not (null or 0) && cpu.Idle != 1)
            Write("cpu", "cpu.weight", WeightOfShares(cpu.Shares.Value), "cpu.shares");
        if (cpu.Quota is not (null or 0) || cpu.Period is not (null or 0))
        {
            string quota = cpu.Quota is > 0 ? Text(cpu.Quota.Value) : "max";
            ulong period = cpu.Period is not (null or 0) ? cpu.Period.Value : DefaultPeriod;
            Write("cpu", "cpu.max", $"{quota} {Text(period)}", cpu.Quota is not (null or 0) ? "cpu.quota" : "cpu.period");
        }
        if (cpu.Burst is { } burst) Write("cpu", "cpu.max.burst", burst, "cpu.burst");
    }

    /// <summary>
    /// Version 1's shares (2 to 262144, default 1024) as version 2's weight (1 to 10000, default 100), so that least, default and
    /// most meet: 10^((l² + 125 l) / 612 - 7/34) with l = log2(shares), as runc since 1.3.2 and crun since 1.23. The straight line
    /// of the time before made 39 of the default and starved containers beside the host's services.
    /// </summary>
    /// <remarks>https://github.com/opencontainers/runc/issues/4772</remarks>
    internal static ulong WeightOfShares(ulong shares)
    {
        if (shares <= 2) return 1;
        if (shares >= 262_144) return 10_000;
        double log = Math.Log2(shares);
        return (ulong)Math.Ceiling(Math.Pow(10, (log * log + 125 * log) / 612.0 - 7.0 / 34.0));
    }
}
