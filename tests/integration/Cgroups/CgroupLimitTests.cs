using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Cgroups;
using Xunit;

namespace DockerPS.Integration.Cgroups;

public class CgroupLimitTests
{
    private const long Mebi = 1 << 20;

    private static CgroupPlan Apply(CgroupFixture fixture, RuntimeResources resources)
    {
        CgroupPlan plan = CgroupPlan.From(resources, fixture.Layout);
        plan.Apply(fixture.Group);
        return plan;
    }

    [Fact]
    public void Limits_that_were_written_are_read_back()
    {
        using var fixture = new CgroupFixture();
        Apply(fixture, new RuntimeResources
        {
            Memory = new() { Limit = 64 * Mebi, Swap = 128 * Mebi, Reservation = 32 * Mebi },
            Cpu = new() { Shares = 512, Quota = 150_000, Period = 100_000, Cpus = "0", Mems = "0" },
            Pids = new() { Limit = 100 },
        });

        CgroupUsage usage = fixture.Group.Usage();
        Assert.Equal(64 * Mebi, usage.MemoryLimit);
        Assert.Equal(100, usage.PidsLimit);
        Assert.Equal(0, usage.Pids);
        Assert.Equal("0", fixture.Read("cpuset", "cpuset.cpus"));
        bool isVersion1 = fixture.Layout.VersionOf("cpu") == 1;
        Assert.Equal(isVersion1 ? "150000" : "150000 100000", fixture.Read("cpu", isVersion1 ? "cpu.cfs_quota_us" : "cpu.max"));
        Assert.Equal(isVersion1 ? "512" : "59", fixture.Read("cpu", isVersion1 ? "cpu.shares" : "cpu.weight"));
    }

    [Fact]
    public void Without_limits_usage_says_unlimited()
    {
        using var fixture = new CgroupFixture();
        CgroupUsage usage = fixture.Group.Usage();

        Assert.Equal(-1, usage.MemoryLimit);
        Assert.Equal(-1, usage.PidsLimit);
        Assert.Equal(0, usage.CpuTime);
        Assert.Equal(0, fixture.Group.OomKills());
    }

    [Fact]
    public void A_process_that_takes_more_memory_than_it_may_is_killed_and_counted()
    {
        using var fixture = new CgroupFixture();
        Apply(fixture, new RuntimeResources { Memory = new() { Limit = 24 * Mebi, Swap = 24 * Mebi } });

        (int code, _) = fixture.Complete("dd if=/dev/zero of=/dev/null bs=200000000 count=1 2>/dev/null");

        Assert.Equal(137, code);
        Assert.Equal(1, fixture.Group.OomKills());
        Assert.InRange(fixture.Group.Usage().MemoryPeak ?? 24 * Mebi, 20 * Mebi, 24 * Mebi);
    }

    [Fact]
    public void More_processes_than_allowed_cannot_be_forked()
    {
        using var fixture = new CgroupFixture();
        Apply(fixture, new RuntimeResources { Pids = new() { Limit = 3 } });

        (int code, string text) = fixture.Complete("for i in 1 2 3 4 5; do sleep 1000 >/dev/null 2>&1 & done");

        Assert.NotEqual(0, code);
        Assert.Contains("ork", text, StringComparison.Ordinal);
        Assert.InRange(fixture.Group.Processes().Count, 1, 3);
    }

    [Fact]
    public void Only_the_default_devices_and_those_asked_for_open()
    {
        using var fixture = new CgroupFixture();
        var kernelLog = new RuntimeDeviceRule { Allow = true, Type = "c", Major = 1, Minor = 11, Access = "r" };
        Apply(fixture, new RuntimeResources { Devices = [new() { Allow = false, Access = "rwm" }] });

        Assert.Equal("yes", Try("/dev/null", "<"));
        Assert.Equal("yes", Try("/dev/zero", "<"));
        Assert.Equal("no", Try("/dev/kmsg", "<"));

        using var other = new CgroupFixture();
        Apply(other, new RuntimeResources { Devices = [kernelLog] });
        Assert.Equal("yes", other.Complete("(: </dev/kmsg) 2>/dev/null && echo yes || echo no").Text.Trim());
        Assert.Equal("no", other.Complete("(: >/dev/kmsg) 2>/dev/null && echo yes || echo no").Text.Trim());

        string Try(string device, string direction) =>
            fixture.Complete($"(: {direction}{device}) 2>/dev/null && echo yes || echo no").Text.Trim();
    }

    [Fact]
    public void A_privileged_group_opens_every_device()
    {
        using var fixture = new CgroupFixture();
        Apply(fixture, new RuntimeResources { Devices = [new() { Allow = true, Access = "rwm" }] });

        Assert.Equal("yes", fixture.Complete("(: </dev/kmsg) 2>/dev/null && echo yes || echo no").Text.Trim());
    }

    [Fact]
    public void A_block_weight_reaches_a_file_or_warns()
    {
        using var fixture = new CgroupFixture();
        CgroupPlan plan = Apply(fixture, new RuntimeResources { BlockIo = new() { Weight = 300 } });

        string[] files = ["blkio.weight", "blkio.bfq.weight", "io.bfq.weight", "io.weight"];
        bool exists = fixture.Group.Directories.Any(d => files.Any(f => File.Exists($"{d}/{f}")));
        if (!exists)
        {
            Assert.Contains("linux.resources.blockIO.weight", Assert.Single(plan.Warnings));
            return;
        }
        Assert.Empty(plan.Warnings);
        Assert.Contains(fixture.Group.Directories, d => files.Any(f =>
            File.Exists($"{d}/{f}") && File.ReadAllText($"{d}/{f}").Trim() is "300" or "default 300" or "default 2930"));
    }

    [Fact]
    public void A_file_that_the_kernel_has_not_is_an_error_with_the_property_and_file()
    {
        using var fixture = new CgroupFixture();
        var write = new CgroupWrite("memory", "memory.no_such_limit", "1", "linux.resources.memory.limit");

        var error = Assert.Throws<LinuxException>(() => fixture.Group.Apply([write]));
        Assert.Equal(Errno.ENOENT, error.Number);
        Assert.StartsWith("linux.resources.memory.limit: write(", error.Message);
        Assert.Contains("memory.no_such_limit", error.Message);

        List<string> warnings = [];
        fixture.Group.Apply([write with { Missing = CgroupFileMissing.Warn }, write with { Missing = CgroupFileMissing.Skip }], warnings);
        Assert.Contains("memory.no_such_limit", Assert.Single(warnings));
    }

    [Fact]
    public void A_value_that_the_kernel_refuses_is_an_error_with_property_file_and_value()
    {
        using var fixture = new CgroupFixture();
        CgroupPlan plan = CgroupPlan.From(new RuntimeResources { Cpu = new() { Cpus = "4000" } }, fixture.Layout);

        var error = Assert.Throws<LinuxException>(() => plan.Apply(fixture.Group));
        Assert.StartsWith("linux.resources.cpu.cpus: write(", error.Message);
        Assert.Contains("cpuset.cpus, \"4000\"", error.Message);
    }
}
