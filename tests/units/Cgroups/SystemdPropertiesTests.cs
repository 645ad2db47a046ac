using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Linux.DBus;
using DockerPS.Linux.Systemd;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Cgroups;
using Xunit;

namespace DockerPS.Units.Cgroups;

public class SystemdPropertiesTests
{
    private static readonly CgroupLayout s_version1 = CgroupLayout.Parse(MountTables.Version1);
    private static readonly CgroupLayout s_version2 = CgroupLayout.Parse(MountTables.Version2, MountTables.Version2Controllers);

    private static readonly RuntimeResources s_resources = new()
    {
        Memory = new() { Limit = 1000, Swap = 1500, Reservation = 500 },
        Cpu = new() { Shares = 1024, Quota = 15_001, Period = 100_000, Cpus = "0-1,9", Mems = "0" },
        Pids = new() { Limit = -1 },
        BlockIo = new() { Weight = 10 },
    };

    private static string Text(IEnumerable<UnitProperty> properties) => string.Join(' ', properties.Select(p => $"{p.Name}={Text(p.Value.Value)}"));

    private static string Text(object value) => value switch
    {
        ulong and ulong.MaxValue => "infinity",
        IEnumerable<object> items => $"[{string.Join(',', items)}]",
        IEnumerable<(string, string)> pairs => $"[{string.Join(',', pairs.Select(p => $"{p.Item1} {p.Item2}"))}]",
        _ => $"{value}",
    };

    [Fact]
    public void Limits_of_version_2() => Assert.Equal(
        "MemoryMax=1000 MemoryLow=500 MemorySwapMax=500 CPUWeight=100 CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=160000 AllowedCPUs=[3,2] "
        + "AllowedMemoryNodes=[1] TasksMax=infinity IOWeight=1",
        Text(SystemdProperties.From(s_resources, s_version2, 252, DefaultDevices.With([]), null)));

    [Fact]
    public void Limits_of_version_1() => Assert.Equal(
        "MemoryLimit=1000 CPUShares=1024 CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=160000 TasksMax=infinity BlockIOWeight=10",
        Text(SystemdProperties.From(s_resources, s_version1, 252, null, null)));

    [Fact]
    public void An_old_systemd_is_not_asked_for_what_it_does_not_know() => Assert.Equal(
        "MemoryMax=1000 MemoryLow=500 MemorySwapMax=500 CPUWeight=100 CPUQuotaPerSecUSec=160000 TasksMax=infinity IOWeight=1",
        Text(SystemdProperties.From(s_resources, s_version2, 241, null, null)));

    [Fact]
    public void Devices_are_for_version_1_where_systemd_would_allow_all_of_them_again()
    {
        DeviceRule[] rules =
        [
            DeviceRule.Everything(allow: false), new(true, DeviceType.Character, 1, 3, DeviceAccess.All),
            new(true, DeviceType.Block, null, null, DeviceAccess.Make), new(true, DeviceType.Character, 4_000_000, null, DeviceAccess.Read),
        ];

        Assert.Equal(
            "DevicePolicy=strict DeviceAllow=[] DeviceAllow=[/dev/char/1:3 rwm,block-* m]",
            Text(SystemdProperties.From(null, s_version1, 252, [.. rules], null)));
        Assert.Equal(
            "DevicePolicy=auto DeviceAllow=[]",
            Text(SystemdProperties.From(null, s_version1, 252, [DeviceRule.Everything(allow: true)], null)));
    }

    [Fact]
    public void What_is_said_in_the_kernels_words_is_said_to_systemd_too()
    {
        var resources = new RuntimeResources
        {
            Memory = new() { Limit = 5000 },
            Unified = new() { ["memory.max"] = "4096", ["memory.high"] = "max", ["cpu.max"] = "50000 200000", ["io.max"] = "8:0 rbps=1" },
        };

        Assert.Equal(
            "MemoryMax=4096 MemoryHigh=infinity CPUQuotaPeriodUSec=200000 CPUQuotaPerSecUSec=250000",
            Text(SystemdProperties.From(resources, s_version2, 252, null, null)));
    }

    [Fact]
    public void An_update_of_the_period_takes_the_quota_that_is_there() => Assert.Equal(
        "CPUQuotaPeriodUSec=200000 CPUQuotaPerSecUSec=50000",
        Text(SystemdProperties.From(
            new RuntimeResources { Cpu = new() { Period = 200_000 } }, s_version2, 252, null, (_, file) => file == "cpu.max" ? "10000 100000" : null)));

    [Theory]
    [InlineData("1-")]
    [InlineData("x")]
    [InlineData("3-1")]
    [InlineData("99999")]
    public void A_list_that_is_none_is_refused_by_name(string list)
    {
        var error = Assert.Throws<LinuxException>(() => SystemdProperties.Bits(list, "cpu.cpus"));
        Assert.StartsWith("linux.resources.cpu.cpus: ", error.Message);
    }

    [Theory]
    [InlineData("true", "b", "True")]
    [InlineData("'a \\'b\\''", "s", "a 'b'")]
    [InlineData("\"text\"", "s", "text")]
    [InlineData("5", "i", "5")]
    [InlineData("1.5", "d", "1.5")]
    [InlineData("uint64 5000", "t", "5000")]
    [InlineData("@t 0x10", "t", "16")]
    [InlineData("['a', 'b']", "as", "[a,b]")]
    [InlineData("@as []", "as", "[]")]
    [InlineData("[uint32 1, 2]", "au", "[1,2]")]
    [InlineData("nonsense", null, null)]
    [InlineData("'open", null, null)]
    [InlineData("[]", null, null)]
    [InlineData("['a', 1]", null, null)]
    [InlineData("1 2", null, null)]
    [InlineData("byte 256", null, null)]
    public void Values_in_the_text_form(string text, string? signature, string? value)
    {
        DBusVariant? parsed = GVariantText.Parse(text);
        Assert.Equal((signature, value), (parsed?.Signature, parsed is { } known ? Text(known.Value) : null));
    }

    [Fact]
    public void Annotations_become_properties_and_take_the_place_of_ours()
    {
        Dictionary<string, string> annotations = new()
        {
            ["org.systemd.property.TimeoutStopSec"] = "1.5",
            ["org.systemd.property.CollectMode"] = "'inactive-or-failed'",
            ["org.systemd.property.TasksMax"] = "uint64 7",
            ["other"] = "x",
        };
        List<UnitProperty> properties = SystemdScope.Properties(
            CgroupPlacement.From(null, "c1", systemd: true), "c1", 42, [new("TasksMax", DBusVariant.From(5UL))], annotations);

        Assert.Contains("Slice=system.slice PIDs=[42] Delegate=True DefaultDependencies=False", Text(properties));
        Assert.EndsWith("TimeoutStopUSec=1500000 CollectMode=inactive-or-failed TasksMax=7", Text(properties));
        Assert.Single(properties, p => p.Name == "TasksMax");
        foreach (string name in (string[])["X", "No-Name", "Exec1"])
        {
            var error = Assert.Throws<LinuxException>(() => SystemdAnnotations.Properties(new() { ["org.systemd.property." + name] = "1" }));
            Assert.Contains("org.systemd.property." + name, error.Message);
        }
    }
}
