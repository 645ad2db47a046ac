using DockerPS.Engine;
using DockerPS.Engine.Containers;
using Xunit;

namespace DockerPS.Units.Containers;

public class SpecChecksTests
{
    private static readonly ContainerSpec Good = new() { Image = "app" };

    public static TheoryData<string, ContainerSpec> Bad() => new()
    {
        { "InvalidName", Good with { Name = "-x" } },
        { "InvalidEnvironment", Good with { Environment = ["=x"] } },
        { "InvalidCommand", Good with { Command = ["a\0b"] } },
        { "InvalidWorkingDirectory", Good with { WorkingDirectory = "srv" } },
        { "InvalidUser", Good with { User = "a:b:c" } },
        { "InvalidUser", Good with { GroupAdd = ["a b"] } },
        { "InvalidHostname", Good with { Hostname = "-web" } },
        { "InvalidHostname", Good with { Hostname = "web", UtsMode = "host" } },
        { "InvalidSignal", Good with { StopSignal = "NOPE" } },
        { "InvalidStopTimeout", Good with { StopTimeout = TimeSpan.FromSeconds(-5) } },
        { "InvalidMemory", Good with { Memory = 4 << 20 } },
        { "InvalidMemorySwap", Good with { MemorySwap = 64 << 20 } },
        { "InvalidMemorySwap", Good with { Memory = 64 << 20, MemorySwap = 32 << 20 } },
        { "InvalidMemoryReservation", Good with { Memory = 64 << 20, MemoryReservation = 128 << 20 } },
        { "InvalidShmSize", Good with { ShmSize = 0 } },
        { "InvalidCpus", Good with { Cpus = 0 } },
        { "InvalidCpus", Good with { Cpus = 100_000 } },
        { "InvalidCpuShares", Good with { CpuShares = 1 } },
        { "InvalidCpuset", Good with { CpusetCpus = "2-1" } },
        { "InvalidCpuset", Good with { CpusetMems = "a" } },
        { "InvalidPidsLimit", Good with { PidsLimit = -2 } },
        { "InvalidOomScore", Good with { OomScoreAdjust = 1001 } },
        { "InvalidBlkioWeight", Good with { BlkioWeight = 5 } },
        { "InvalidUlimit", Good with { Ulimits = [new ContainerUlimit { Name = "files", Soft = 1, Hard = 1 }] } },
        { "InvalidUlimit", Good with { Ulimits = [new ContainerUlimit { Name = "nofile", Soft = 2, Hard = 1 }] } },
        { "InvalidMount", Good with { Mounts = [new ContainerMount { Source = "/tmp", Target = "in" }] } },
        { "InvalidMount", Good with { Mounts = [new ContainerMount { Source = "/tmp", Target = "/" }] } },
        { "InvalidMount", Good with { Mounts = [new ContainerMount { Source = "/no/such/source", Target = "/in" }] } },
        { "InvalidMount", Good with { Mounts = [new ContainerMount { Source = "/tmp", Target = "/in", Propagation = "wide" }] } },
        {
            "InvalidMount",
            Good with { Mounts = [new ContainerMount { Source = "/tmp", Target = "/in" }, new ContainerMount { Source = "/tmp", Target = "/in/" }] }
        },
        { "InvalidVolumeName", Good with { Mounts = [new ContainerMount { Type = ContainerMountType.Volume, Source = "a b", Target = "/in" }] } },
        { "InvalidMount", Good with { Mounts = [new ContainerMount { Type = ContainerMountType.Volume, Source = "data", Target = "/in", Subpath = "../x" }] } },
        { "InvalidMount", Good with { Mounts = [new ContainerMount { Source = "data", Target = "/in" }] } },
        { "InvalidDevice", Good with { Devices = [new ContainerDevice { Source = "/dev/nosuch", Target = "/dev/x" }] } },
        { "InvalidDevice", Good with { Devices = [new ContainerDevice { Source = "/dev/null", Target = "/dev/x", Permissions = "rx" }] } },
        { "InvalidNetwork", Good with { Network = "bridge,host" } },
        { "InvalidNetwork", Good with { NetworkAliases = ["db"] } },
        { "InvalidNetworkAlias", Good with { Network = "bridge", NetworkAliases = ["a b"] } },
        { "InvalidMacAddress", Good with { Network = "bridge", MacAddress = "here" } },
        { "InvalidPidMode", Good with { PidMode = "shared" } },
        { "InvalidIpcMode", Good with { IpcMode = "x" } },
        { "InvalidUtsMode", Good with { UtsMode = "container:" } },
        { "InvalidCgroupMode", Good with { CgroupMode = "shared" } },
        { "InvalidSysctl", Good with { Sysctls = new Dictionary<string, string> { ["kernel.panic"] = "1" } } },
        { "InvalidSysctl", Good with { Network = "host", Sysctls = new Dictionary<string, string> { ["net.core.somaxconn"] = "1" } } },
        { "InvalidSysctl", Good with { IpcMode = "host", Sysctls = new Dictionary<string, string> { ["kernel.shmmax"] = "1" } } },
        { "InvalidCapability", Good with { CapAdd = ["FLY"] } },
        { "InvalidSecurityOption", Good with { SecurityOptions = ["seccomp=profile.json"] } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_senseless_option_is_refused_with_its_own_error(string errorId, ContainerSpec spec)
    {
        var error = Assert.Throws<DockerArgumentException>(() => SpecChecks.Check(spec));
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(". ", error.Message);
    }

    [Fact]
    public void Sensible_options_pass() => SpecChecks.Check(Good with
    {
        Name = "web-1",
        User = "1000:app",
        Hostname = "web.example",
        Memory = 6 << 20,
        MemorySwap = -1,
        Cpus = 0.5m,
        CpusetCpus = "0,0-1",
        Network = "container:other",
        PidMode = "host",
        IpcMode = "shareable",
        Sysctls = new Dictionary<string, string> { ["net/core/somaxconn"] = "512", ["kernel.shmmax"] = "1" },
        SecurityOptions = ["no-new-privileges", "seccomp=unconfined"],
        Mounts = [new ContainerMount { Source = "/no/such/source", Target = "/in", CreateSource = true }],
        StopTimeout = Timeout.InfiniteTimeSpan,
    });

    [Fact]
    public void A_command_without_arguments_is_refused() => Assert.Equal(
        "NoCommand", Assert.Throws<DockerArgumentException>(() => SpecChecks.Check(new ContainerCommand { Arguments = [] })).ErrorId);

    [Theory]
    [InlineData("limits/web", "/limits/web")]
    [InlineData("/a//b/", "/a/b")]
    [InlineData(null, "/dockerps")]
    public void A_cgroup_parent_is_a_path_of_the_hierarchy(string? given, string expected) =>
        Assert.Equal(expected, DockerPS.Engine.Containers.CgroupParent.Of(given));

    [Theory]
    [InlineData("..")]
    [InlineData("/a/../..")]
    [InlineData("/")]
    [InlineData("")]
    public void A_cgroup_parent_cannot_lead_out_of_it(string given) => Assert.Equal(
        "InvalidCgroupParent", Assert.Throws<DockerArgumentException>(() => DockerPS.Engine.Containers.CgroupParent.Of(given)).ErrorId);

    [Theory]
    [InlineData("c 10:229 rwm", "c", 10L, 229L, "rwm")]
    [InlineData("b  8:* r", "b", 8L, null, "r")]
    [InlineData("a *:* m", "a", null, null, "m")]
    public void A_rule_for_devices_is_written_as_in_docker(string text, string type, long? major, long? minor, string access)
    {
        var rule = DockerPS.Engine.Containers.DeviceCgroupRule.Parse(text);
        Assert.Equal((true, type, major, minor, access), (rule.Allow, rule.Type, rule.Major, rule.Minor, rule.Access));
    }

    [Theory]
    [InlineData("c 1:3")]
    [InlineData("d 1:3 r")]
    [InlineData("c 1 r")]
    [InlineData("c x:3 r")]
    [InlineData("c -1:3 r")]
    [InlineData("c 1:3 rx")]
    [InlineData("")]
    public void Another_text_is_no_rule_for_devices(string text) => Assert.Equal(
        "InvalidDeviceCgroupRule", Assert.Throws<DockerArgumentException>(() => DockerPS.Engine.Containers.DeviceCgroupRule.Parse(text)).ErrorId);
}
