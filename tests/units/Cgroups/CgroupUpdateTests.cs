using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Cgroups;
using Xunit;

namespace DockerPS.Units.Cgroups;

/// <summary>Changes of a running group: values that are bound to each other, and to what the files say.</summary>
public class CgroupUpdateTests
{
    private const long Mebi = 1 << 20;

    private static readonly CgroupLayout s_version1 = CgroupLayout.Parse(MountTables.Hybrid, "hugetlb");
    private static readonly CgroupLayout s_version2 = CgroupLayout.Parse(MountTables.Version2, MountTables.Version2Controllers);

    private static CgroupPlan Plan(RuntimeResources resources, CgroupLayout layout, params (string File, string Text)[] files) =>
        CgroupPlan.ForUpdate(resources, layout, (_, file) => Array.Find(files, f => f.File == file).Text);

    private static string Lines(CgroupPlan plan) => string.Join(' ', plan.Writes.Select(w => $"{w.File}={w.Value}"));

    [Fact]
    public void Devices_that_are_not_mentioned_stay()
    {
        Assert.Empty(Plan(new RuntimeResources { Pids = new() { Limit = 5 } }, s_version2).Devices);
        Assert.Equal(
            DefaultDevices.Rules, Plan(new RuntimeResources { Devices = [new() { Allow = false, Access = "rwm" }] }, s_version2).Devices);
    }

    [Theory]
    [InlineData(64, 128, "memory.limit_in_bytes=67108864 memory.memsw.limit_in_bytes=134217728")]
    [InlineData(8, 16, "memory.limit_in_bytes=8388608 memory.memsw.limit_in_bytes=16777216")]
    [InlineData(300, 400, "memory.memsw.limit_in_bytes=419430400 memory.limit_in_bytes=314572800")]
    public void Memory_and_swap_grow_and_shrink_in_an_order_that_version_1_takes(long limit, long swap, string expected) => Assert.Equal(
        expected,
        Lines(Plan(
            new RuntimeResources { Memory = new() { Limit = limit * Mebi, Swap = swap * Mebi } }, s_version1,
            ("memory.limit_in_bytes", "134217728"), ("memory.memsw.limit_in_bytes", "268435456"))));

    [Fact]
    public void Swap_alone_counts_from_the_limit_there_is()
    {
        var resources = new RuntimeResources { Memory = new() { Swap = 100 * Mebi } };

        Assert.Equal("memory.swap.max=37748736", Lines(Plan(resources, s_version2, ("memory.max", "67108864"))));
        var error = Assert.Throws<LinuxException>(() => Plan(resources, s_version2, ("memory.max", "max")));
        Assert.StartsWith("linux.resources.memory.swap: ", error.Message);
    }

    [Fact]
    public void A_limit_below_what_is_used_is_refused_when_that_is_asked_for()
    {
        var resources = new RuntimeResources { Memory = new() { Limit = Mebi, CheckBeforeUpdate = true } };

        var error = Assert.Throws<LinuxException>(() => Plan(resources, s_version2, ("memory.current", "2000000")));
        Assert.Equal(Errno.EBUSY, error.Number);
        Assert.Contains("2000000", error.Message);
        Assert.Equal("memory.max=1048576", Lines(Plan(resources, s_version2, ("memory.current", "1000"))));
        Assert.Throws<LinuxException>(() => Plan(resources, s_version1, ("memory.usage_in_bytes", "2000000")));
    }

    [Fact]
    public void The_killer_comes_back()
    {
        var resources = new RuntimeResources { Memory = new() { DisableOomKiller = false } };

        Assert.Equal("memory.oom_control=0", Lines(Plan(resources, s_version1)));
        Assert.Equal("", Lines(Plan(resources, s_version2)));
    }

    [Theory]
    [InlineData(20_000L, null, "cpu.max=20000 50000")]
    [InlineData(null, 200_000UL, "cpu.max=150000 200000")]
    [InlineData(-1L, null, "cpu.max=max 50000")]
    public void Quota_or_period_alone_keeps_the_other(long? quota, ulong? period, string expected) => Assert.Equal(
        expected,
        Lines(Plan(new RuntimeResources { Cpu = new() { Quota = quota, Period = period } }, s_version2, ("cpu.max", "150000 50000"))));

    [Theory]
    [InlineData(200_000UL, "cpu.cfs_period_us=200000 cpu.cfs_quota_us=20000")]
    [InlineData(50_000UL, "cpu.cfs_quota_us=20000 cpu.cfs_period_us=50000")]
    public void The_share_of_time_never_grows_in_between(ulong period, string expected) => Assert.Equal(
        expected,
        Lines(Plan(new RuntimeResources { Cpu = new() { Quota = 20_000, Period = period } }, s_version1, ("cpu.cfs_period_us", "100000"))));

    [Theory]
    [InlineData(1000UL, "burst quota")]
    [InlineData(9000UL, "quota burst")]
    public void Burst_stays_below_the_quota(ulong burst, string order)
    {
        var resources = new RuntimeResources { Cpu = new() { Quota = 10_000, Burst = burst } };

        string version1 = Lines(Plan(resources, s_version1, ("cpu.cfs_burst_us", "5000"), ("cpu.cfs_period_us", "100000")));
        string version2 = Lines(Plan(resources, s_version2, ("cpu.max.burst", "5000"), ("cpu.max", "20000 100000")));
        bool burstFirst = order == "burst quota";
        Assert.Equal(burstFirst, version1.StartsWith("cpu.cfs_burst_us=", StringComparison.Ordinal));
        Assert.Equal(burstFirst, version2.StartsWith("cpu.max.burst=", StringComparison.Ordinal));
        Assert.Contains("cpu.max=10000 100000", version2);
    }
}
