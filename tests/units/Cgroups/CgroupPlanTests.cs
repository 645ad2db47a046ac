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
    public void Version_2_limits_swap_alone_and_warns_of_what_it_has_not_or_refuses_it()
    {
        var resources = new RuntimeResources
        {
            Memory = new() { Limit = 64 * Mebi, Swap = 128 * Mebi, Reservation = 32 * Mebi, Swappiness = 0, DisableOomKiller = true },
        };
        CgroupPlan plan = CgroupPlan.From(resources, s_version2, lenient: true);

        Assert.Equal(["memory.max=67108864", "memory.swap.max=67108864", "memory.low=33554432"], Lines(plan));
        Assert.Equal(2, plan.Warnings.Count);
        Assert.Contains("linux.resources.memory.swappiness", plan.Warnings[0]);
        Assert.Contains("linux.resources.memory.disableOOMKiller", plan.Warnings[1]);
        var refused = Assert.Throws<LinuxException>(() => CgroupPlan.From(resources, s_version2));
        Assert.StartsWith("linux.resources.memory.swappiness: ", refused.Message);
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
    public void A_block_weight_falls_back_to_the_scheduler_that_is_there_and_fails_or_warns_when_none_is()
    {
        var resources = new RuntimeResources { BlockIo = new() { Weight = 500 } };

        Assert.Equal(CgroupFileMissing.Fail, Assert.Single(CgroupPlan.From(resources, s_version1).Writes).Else!.Missing);
        CgroupWrite version1 = Assert.Single(CgroupPlan.From(resources, s_version1, lenient: true).Writes);
        Assert.Equal(("blkio.weight", "500"), (version1.File, version1.Value));
        Assert.Equal(("blkio.bfq.weight", "500", CgroupFileMissing.Warn), (version1.Else!.File, version1.Else.Value, version1.Else.Missing));

        CgroupWrite version2 = Assert.Single(CgroupPlan.From(resources, s_version2, lenient: true).Writes);
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

    [Fact]
    public void Devices_have_weights_of_their_own()
    {
        var resources = new RuntimeResources { BlockIo = new() { WeightDevice = [new() { Major = 8, Minor = 16, Weight = 10 }] } };

        CgroupWrite version1 = Assert.Single(CgroupPlan.From(resources, s_version1).Writes);
        Assert.Equal(
            [("blkio.weight_device", "8:16 10"), ("blkio.bfq.weight_device", "8:16 10")],
            [(version1.File, version1.Value), (version1.Else!.File, version1.Else.Value)]);
        CgroupWrite version2 = Assert.Single(CgroupPlan.From(resources, s_version2).Writes);
        Assert.Equal(
            [("io.bfq.weight", "8:16 10"), ("io.weight", "8:16 1")],
            [(version2.File, version2.Value), (version2.Else!.File, version2.Else.Value)]);
    }

    [Fact]
    public void Leaf_weights_are_of_version_1_only()
    {
        var resources = new RuntimeResources
        {
            BlockIo = new() { LeafWeight = 20, WeightDevice = [new() { Major = 8, Minor = 0, LeafWeight = 30 }] },
        };

        Assert.Equal(["blkio.leaf_weight=20", "blkio.leaf_weight_device=8:0 30"], Version1(resources));
        Assert.StartsWith("linux.resources.blockIO.leafWeight: ", Refusal(resources, s_version2).Message);
    }

    [Fact]
    public void Network_classes_and_priorities_are_of_version_1_only()
    {
        CgroupLayout host = CgroupLayout.Parse(MountTables.Version1);
        var resources = new RuntimeResources
        {
            Network = new() { ClassId = 0x10_0001, Priorities = [new() { Name = "lo", Priority = 3 }, new() { Name = "eth0", Priority = 0 }] },
        };

        Assert.Equal(
            ["net_cls.classid=1048577", "net_prio.ifpriomap=lo 3", "net_prio.ifpriomap=eth0 0"], Lines(CgroupPlan.From(resources, host)));
        LinuxException absent = Refusal(resources, s_version2);
        Assert.Equal(Errno.ENODEV, absent.Number);
        Assert.StartsWith("linux.resources.network.classID: ", absent.Message);
        absent = Refusal(new RuntimeResources { Network = new() { Priorities = resources.Network.Priorities } }, s_version2);
        Assert.StartsWith("linux.resources.network.priorities: ", absent.Message);
    }

    [Fact]
    public void Handles_and_objects_of_remote_memory_are_limited_for_each_device()
    {
        var resources = new RuntimeResources
        {
            Rdma = new() { ["mlx5_1"] = new() { HcaHandles = 3, HcaObjects = 10_000 }, ["mlx4_0"] = new() { HcaObjects = 1 } },
        };

        Assert.Equal(["rdma.max=mlx5_1 hca_handle=3 hca_object=10000", "rdma.max=mlx4_0 hca_object=1"], Version2(resources));
        Assert.StartsWith("linux.resources.rdma[\"mlx5_1\"]: ", Refusal(resources, s_version1).Message);
        resources.Rdma["mlx5_1"] = new();
        Assert.Equal(Errno.EINVAL, Refusal(resources, s_version2).Number);
    }

    [Fact]
    public void Realtime_scheduling_and_kernel_memory_are_of_version_1_only()
    {
        var realtime = new RuntimeResources { Cpu = new() { RealtimeRuntime = 950_000, RealtimePeriod = 1_000_000 } };
        var kernel = new RuntimeResources { Memory = new() { Kernel = Mebi, KernelTcp = 2 * Mebi, UseHierarchy = true } };

        Assert.Equal(["cpu.rt_period_us=1000000", "cpu.rt_runtime_us=950000"], Version1(realtime));
        Assert.StartsWith("linux.resources.cpu.realtimeRuntime: ", Refusal(realtime, s_version2).Message);
        Assert.Equal(["memory.use_hierarchy=1", "memory.kmem.limit_in_bytes=1048576", "memory.kmem.tcp.limit_in_bytes=2097152"], Version1(kernel));
        Assert.StartsWith("linux.resources.memory.kernel: ", Refusal(kernel, s_version2).Message);
        kernel.Memory.Kernel = null;
        Assert.StartsWith("linux.resources.memory.kernelTCP: ", Refusal(kernel, s_version2).Message);
    }

    private static LinuxException Refusal(RuntimeResources resources, CgroupLayout layout) =>
        Assert.Throws<LinuxException>(() => CgroupPlan.From(resources, layout));
}
