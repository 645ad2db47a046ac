using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Cgroups;
using Xunit;

namespace DockerPS.Units.Cgroups;

public class CgroupPlanTests
{
    private const long Mebi = 1 << 20;

    private static readonly CgroupLayout s_version1 = CgroupLayout.Parse(MountTables.Hybrid, "hugetlb");
    private static readonly CgroupLayout s_version2 = CgroupLayout.Parse(MountTables.Version2, MountTables.Version2Controllers);

    private static string[] Lines(CgroupPlan plan) => [.. plan.Writes.Select(w => $"{w.File}={w.Value}")];

    private static string[] Version1(RuntimeResources resources) => Lines(CgroupPlan.From(resources, s_version1));

    private static string[] Version2(RuntimeResources resources) => Lines(CgroupPlan.From(resources, s_version2));

    [Fact]
    public void Nothing_asked_writes_nothing_but_devices()
    {
        CgroupPlan plan = CgroupPlan.From(null, s_version1);

        Assert.Empty(plan.Writes);
        Assert.Empty(plan.Warnings);
        Assert.Equal(DefaultDevices.Rules, plan.Devices);
        Assert.Empty(Version1(new RuntimeResources { Memory = new(), Cpu = new(), Pids = new(), BlockIo = new() }));
        Assert.Empty(Version2(new RuntimeResources { Memory = new() { DisableOomKiller = false }, Cpu = new() { Shares = 0 } }));
    }

    [Fact]
    public void Memory_is_limited_before_memory_and_swap()
    {
        var resources = new RuntimeResources
        {
            Memory = new() { Limit = 64 * Mebi, Swap = 128 * Mebi, Reservation = 32 * Mebi, Swappiness = 0, DisableOomKiller = true },
        };

        Assert.Equal(
            ["memory.limit_in_bytes=67108864", "memory.memsw.limit_in_bytes=134217728", "memory.soft_limit_in_bytes=33554432",
                "memory.swappiness=0", "memory.oom_control=1"],
            Version1(resources));
    }

    [Fact]
    public void Version_2_limits_swap_alone_and_warns_of_what_it_has_not()
    {
        var resources = new RuntimeResources
        {
            Memory = new() { Limit = 64 * Mebi, Swap = 128 * Mebi, Reservation = 32 * Mebi, Swappiness = 0, DisableOomKiller = true },
        };
        CgroupPlan plan = CgroupPlan.From(resources, s_version2);

        Assert.Equal(["memory.max=67108864", "memory.swap.max=67108864", "memory.low=33554432"], Lines(plan));
        Assert.Equal(2, plan.Warnings.Count);
        Assert.Contains("linux.resources.memory.swappiness", plan.Warnings[0]);
        Assert.Contains("linux.resources.memory.disableOOMKiller", plan.Warnings[1]);
    }

    [Theory]
    [InlineData(-1L, null, "memory.limit_in_bytes=-1 memory.memsw.limit_in_bytes=-1", "memory.max=max memory.swap.max=max")]
    [InlineData(-1L, -1L, "memory.limit_in_bytes=-1 memory.memsw.limit_in_bytes=-1", "memory.max=max memory.swap.max=max")]
    [InlineData(Mebi, -1L, "memory.limit_in_bytes=1048576 memory.memsw.limit_in_bytes=-1", "memory.max=1048576 memory.swap.max=max")]
    [InlineData(Mebi, Mebi, "memory.limit_in_bytes=1048576 memory.memsw.limit_in_bytes=1048576", "memory.max=1048576 memory.swap.max=0")]
    [InlineData(Mebi, null, "memory.limit_in_bytes=1048576", "memory.max=1048576")]
    [InlineData(Mebi, 0L, "memory.limit_in_bytes=1048576", "memory.max=1048576")]
    public void Memory_and_swap_in_both_versions(long limit, long? swap, string version1, string version2)
    {
        var resources = new RuntimeResources { Memory = new() { Limit = limit, Swap = swap } };

        Assert.Equal(version1, string.Join(' ', Version1(resources)));
        Assert.Equal(version2, string.Join(' ', Version2(resources)));
    }

    [Theory]
    [InlineData(null, Mebi)]
    [InlineData(2 * Mebi, Mebi)]
    public void Swap_below_memory_or_without_it_is_refused_by_name(long? limit, long swap)
    {
        var resources = new RuntimeResources { Memory = new() { Limit = limit, Swap = swap } };

        foreach (CgroupLayout layout in new[] { s_version1, s_version2 })
        {
            var error = Assert.Throws<LinuxException>(() => CgroupPlan.From(resources, layout));
            Assert.Equal(Errno.EINVAL, error.Number);
            Assert.StartsWith("linux.resources.memory.swap", error.Message);
        }
    }

    [Fact]
    public void Processor_time_in_version_1()
    {
        var resources = new RuntimeResources
        {
            Cpu = new() { Shares = 512, Quota = 150_000, Period = 100_000, Burst = 5000, Cpus = "0-1", Mems = "0" },
        };

        Assert.Equal(
            ["cpu.shares=512", "cpu.cfs_period_us=100000", "cpu.cfs_quota_us=150000", "cpu.cfs_burst_us=5000", "cpuset.mems=0",
                "cpuset.cpus=0-1"],
            Version1(resources));
    }

    [Theory]
    [InlineData(150_000L, 50_000UL, "cpu.max=150000 50000")]
    [InlineData(150_000L, null, "cpu.max=150000 100000")]
    [InlineData(-1L, 50_000UL, "cpu.max=max 50000")]
    [InlineData(-1L, null, "cpu.max=max 100000")]
    [InlineData(null, 20_000UL, "cpu.max=max 20000")]
    public void Quota_and_period_are_one_value_in_version_2(long? quota, ulong? period, string expected) =>
        Assert.Equal([expected], Version2(new RuntimeResources { Cpu = new() { Quota = quota, Period = period } }));

    [Theory]
    [InlineData(1UL, 1UL)]
    [InlineData(2UL, 1UL)]
    [InlineData(102UL, 17UL)]
    [InlineData(512UL, 59UL)]
    [InlineData(1024UL, 100UL)]
    [InlineData(262_144UL, 10_000UL)]
    [InlineData(1_000_000UL, 10_000UL)]
    public void Shares_become_a_weight_with_the_same_default(ulong shares, ulong weight) =>
        Assert.Equal(weight, CgroupPlan.WeightOfShares(shares));

    [Fact]
    public void Idle_groups_take_no_shares()
    {
        var resources = new RuntimeResources { Cpu = new() { Shares = 512, Idle = 1 } };

        Assert.Equal(["cpu.idle=1"], Version1(resources));
        Assert.Equal(["cpu.idle=1"], Version2(resources));
    }

    [Theory]
    [InlineData(100L, "pids.max=100")]
    [InlineData(-1L, "pids.max=max")]
    [InlineData(0L, "")]
    public void Pids(long limit, string expected)
    {
        var resources = new RuntimeResources { Pids = new() { Limit = limit } };

        Assert.Equal(expected, string.Join(' ', Version1(resources)));
        Assert.Equal(expected, string.Join(' ', Version2(resources)));
    }

    [Fact]
    public void A_block_weight_falls_back_to_the_scheduler_that_is_there_and_warns_when_none_is()
    {
        var resources = new RuntimeResources { BlockIo = new() { Weight = 500 } };

        CgroupWrite version1 = Assert.Single(CgroupPlan.From(resources, s_version1).Writes);
        Assert.Equal(("blkio.weight", "500"), (version1.File, version1.Value));
        Assert.Equal(("blkio.bfq.weight", "500", CgroupFileMissing.Warn), (version1.Else!.File, version1.Else.Value, version1.Else.Missing));

        CgroupWrite version2 = Assert.Single(CgroupPlan.From(resources, s_version2).Writes);
        Assert.Equal(("io.bfq.weight", "500"), (version2.File, version2.Value));
        Assert.Equal(("io.weight", "4950", CgroupFileMissing.Warn), (version2.Else!.File, version2.Else.Value, version2.Else.Missing));
    }

    [Fact]
    public void Throttles_are_written_one_device_at_a_time()
    {
        List<RuntimeThrottle> throttles = [new() { Major = 8, Minor = 0, Rate = 1000 }, new() { Major = 8, Minor = 16, Rate = 0 }];
        var resources = new RuntimeResources { BlockIo = new() { ThrottleReadBpsDevice = throttles, ThrottleWriteIopsDevice = throttles } };

        Assert.Equal(
            ["blkio.throttle.read_bps_device=8:0 1000", "blkio.throttle.read_bps_device=8:16 0",
                "blkio.throttle.write_iops_device=8:0 1000", "blkio.throttle.write_iops_device=8:16 0"],
            Version1(resources));
        Assert.Equal(["io.max=8:0 rbps=1000", "io.max=8:16 rbps=max", "io.max=8:0 wiops=1000", "io.max=8:16 wiops=max"], Version2(resources));
    }

    [Fact]
    public void Huge_pages_follow_their_controller_also_on_a_hybrid_host()
    {
        var resources = new RuntimeResources { HugepageLimits = [new() { PageSize = "2MB", Limit = 4_194_304 }] };

        Assert.Equal(["hugetlb.2MB.max=4194304", "hugetlb.2MB.rsvd.max=4194304"], Version1(resources));
    }

    [Fact]
    public void A_controller_that_the_host_has_not_is_an_error_that_names_the_property()
    {
        var resources = new RuntimeResources { HugepageLimits = [new() { PageSize = "2MB", Limit = 1 }] };

        var error = Assert.Throws<LinuxException>(() => CgroupPlan.From(resources, CgroupLayout.Parse(MountTables.Version1)));
        Assert.Equal(Errno.ENODEV, error.Number);
        Assert.Contains("linux.resources.hugepageLimits", error.Message);
        Assert.Contains("hugetlb", error.Message);
    }

    [Fact]
    public void Unified_values_come_last_and_line_by_line()
    {
        var resources = new RuntimeResources
        {
            Pids = new() { Limit = 5 }, Unified = new() { ["pids.max"] = "7", ["io.max"] = "8:0 rbps=1\n8:16 rbps=2\n", ["cgroup.max.depth"] = "1" },
        };

        Assert.Equal(["pids.max=5", "pids.max=7", "io.max=8:0 rbps=1", "io.max=8:16 rbps=2", "cgroup.max.depth=1"], Version2(resources));
    }

    [Theory]
    [InlineData("../memory.max")]
    [InlineData("memory")]
    public void Unified_takes_file_names_only(string file) => Assert.Throws<LinuxException>(
        () => CgroupPlan.From(new RuntimeResources { Unified = new() { [file] = "1" } }, s_version2));

    [Fact]
    public void Unified_is_refused_where_the_controller_is_in_version_1() => Assert.Throws<LinuxException>(
        () => CgroupPlan.From(new RuntimeResources { Unified = new() { ["memory.max"] = "1" } }, s_version1));

    [Fact]
    public void Devices_asked_for_stand_between_the_denial_of_all_and_the_defaults()
    {
        var resources = new RuntimeResources
        {
            Devices = [new() { Allow = false, Access = "rwm" }, new() { Allow = true, Type = "c", Major = 10, Minor = 229, Access = "rw" }],
        };
        List<DeviceRule> rules = CgroupPlan.From(resources, s_version1).Devices;

        Assert.Equal(DeviceRule.Everything(allow: false), rules[0]);
        Assert.Equal(new DeviceRule(true, DeviceType.Character, 10, 229, DeviceAccess.Read | DeviceAccess.Write), rules[1]);
        Assert.Equal(DefaultDevices.Allowed, rules[2..]);
    }

    [Fact]
    public void A_privileged_container_has_one_rule()
    {
        var resources = new RuntimeResources { Devices = [new() { Allow = false }, new() { Allow = true, Type = "a", Major = -1, Minor = -1, Access = "rwm" }] };

        Assert.Equal([DeviceRule.Everything(allow: true)], CgroupPlan.From(resources, s_version1).Devices);
    }
}
