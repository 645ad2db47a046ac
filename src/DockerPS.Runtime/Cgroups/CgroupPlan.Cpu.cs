using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class CgroupPlan
{
    private const ulong DefaultPeriod = 100_000;

    private void AddCpu(RuntimeCpu cpu)
    {
        bool asksForTime = cpu.Shares is not (null or 0) || cpu.Quota is not (null or 0) || cpu.Period is not (null or 0)
            || cpu.Burst is not null || cpu.Idle is not null || cpu.RealtimeRuntime is not (null or 0) || cpu.RealtimePeriod is not (null or 0);
        if (asksForTime)
        {
            if (Require("cpu", "cpu") == 1) AddCpu1(cpu);
            else AddCpu2(cpu);
        }
        // The same two files in both versions. Memory nodes first: processors may be bound to them.
        if (!string.IsNullOrEmpty(cpu.Mems)) Write(CpusetFor("cpu.mems"), "cpuset.mems", cpu.Mems, "cpu.mems");
        if (!string.IsNullOrEmpty(cpu.Cpus)) Write(CpusetFor("cpu.cpus"), "cpuset.cpus", cpu.Cpus, "cpu.cpus");
    }

    private string CpusetFor(string property)
    {
        Require("cpuset", property);
        return "cpuset";
    }

    private void AddCpu1(RuntimeCpu cpu)
    {
        // Idle groups have the least shares there are, and refuse others; an idle group has to be woken first.
        bool wakes = cpu.Idle == 0 && _current is not null;
        if (wakes) Write("cpu", "cpu.idle", "0", "cpu.idle");
        if (cpu.Shares is not (null or 0) && cpu.Idle != 1) Write("cpu", "cpu.shares", cpu.Shares.Value, "cpu.shares");
        if (cpu.RealtimePeriod is not (null or 0))
            Write("cpu", "cpu.rt_period_us", cpu.RealtimePeriod.Value, "cpu.realtimePeriod");
        if (cpu.RealtimeRuntime is not (null or 0))
            Write("cpu", "cpu.rt_runtime_us", cpu.RealtimeRuntime.Value, "cpu.realtimeRuntime");
        AddBandwidth1(cpu);
        if (cpu.Idle is { } idle && !wakes) Write("cpu", "cpu.idle", idle, "cpu.idle");
    }

    private void AddBandwidth1(RuntimeCpu cpu)
    {
        // The kernel keeps burst <= quota: a burst that shrinks goes first, one that grows goes last.
        bool burstFirst = cpu.Burst < (ulong?)Math.Max(0, Current("cpu", "cpu.cfs_burst_us") ?? 0);
        if (burstFirst) Write("cpu", "cpu.cfs_burst_us", cpu.Burst!.Value, "cpu.burst");
        // It also keeps quota/period within that of the group above. Between the two writes the ratio must not be greater than before
        // and after: a period that grows goes first, one that shrinks goes behind the quota.
        ulong period = (ulong)Math.Max(0, Current("cpu", "cpu.cfs_period_us") ?? 0);
        bool quotaFirst = cpu.Period < period;
        if (!quotaFirst && cpu.Period is not (null or 0)) Write("cpu", "cpu.cfs_period_us", cpu.Period.Value, "cpu.period");
        if (cpu.Quota is not (null or 0)) Write("cpu", "cpu.cfs_quota_us", cpu.Quota.Value, "cpu.quota");
        if (quotaFirst && cpu.Period is not (null or 0)) Write("cpu", "cpu.cfs_period_us", cpu.Period.Value, "cpu.period");
        if (cpu.Burst is { } burst && !burstFirst) Write("cpu", "cpu.cfs_burst_us", burst, "cpu.burst");
    }

    private void AddCpu2(RuntimeCpu cpu)
    {
        if (cpu.RealtimeRuntime is not (null or 0)) throw Invalid("cpu.realtimeRuntime", "cgroup version 2 has no real-time limits");
        if (cpu.RealtimePeriod is not (null or 0)) throw Invalid("cpu.realtimePeriod", "cgroup version 2 has no real-time limits");
        if (cpu.Idle is { } idle) Write("cpu", "cpu.idle", idle, "cpu.idle");
        if (cpu.Shares is not (null or 0) && cpu.Idle != 1)
            Write("cpu", "cpu.weight", WeightOfShares(cpu.Shares.Value), "cpu.shares");
        bool burstFirst = cpu.Burst < (ulong?)Math.Max(0, Current("cpu", "cpu.max.burst") ?? 0);
        if (burstFirst) Write("cpu", "cpu.max.burst", cpu.Burst!.Value, "cpu.burst");
        AddBandwidth2(cpu);
        if (cpu.Burst is { } burst && !burstFirst) Write("cpu", "cpu.max.burst", burst, "cpu.burst");
    }

    private void AddBandwidth2(RuntimeCpu cpu)
    {
        if (cpu.Quota is null or 0 && cpu.Period is null or 0) return;
        // One file for both: an update of one takes the other from it.
        string current = _current?.Invoke("cpu", "cpu.max") ?? "";
        int space = current.IndexOf(' ');
        string quota = cpu.Quota switch
        {
            > 0 => Text(cpu.Quota.Value),
            < 0 => "max",
            _ => space > 0 ? current[..space] : "max",
        };
        string period = cpu.Period is not (null or 0) ? Text(cpu.Period.Value) : space > 0 ? current[(space + 1)..] : Text(DefaultPeriod);
        Write("cpu", "cpu.max", $"{quota} {period}", cpu.Quota is not (null or 0) ? "cpu.quota" : "cpu.period");
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
