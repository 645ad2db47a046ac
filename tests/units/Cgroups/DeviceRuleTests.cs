using DockerPS.Linux;
using DockerPS.Linux.Bpf;
using DockerPS.Linux.Cgroups;
using Xunit;
using static DockerPS.Linux.Cgroups.DeviceAccess;

namespace DockerPS.Units.Cgroups;

public class DeviceRuleTests
{
    private static readonly DeviceRule s_denyAll = DeviceRule.Everything(allow: false);

    [Fact]
    public void The_default_devices_as_writes_of_version_1()
    {
        string[] lines = [.. DeviceRule.ToWrites(DefaultDevices.Rules).Select(w => $"{w.File} {w.Value}")];

        Assert.Equal(
            ["devices.deny a", "devices.allow c *:* m", "devices.allow b *:* m", "devices.allow c 1:3 rwm", "devices.allow c 1:5 rwm",
                "devices.allow c 1:7 rwm", "devices.allow c 1:8 rwm", "devices.allow c 1:9 rwm", "devices.allow c 5:0 rwm",
                "devices.allow c 5:1 rwm", "devices.allow c 5:2 rwm", "devices.allow c 136:* rwm"],
            lines);
    }

    [Fact]
    public void A_rule_for_both_types_is_two_lines_for_a_would_mean_everything()
    {
        var both = new DeviceRule(true, DeviceType.All, 8, null, Read);

        Assert.Equal(["a", "c 8:* r", "b 8:* r"], DeviceRule.ToWrites([s_denyAll, both]).Select(w => w.Value));
    }

    [Fact]
    public void A_hole_in_a_wider_rule_is_refused_for_version_1_would_ignore_it()
    {
        var wide = new DeviceRule(true, DeviceType.Character, 10, null, DeviceAccess.All);
        var hole = new DeviceRule(false, DeviceType.Character, 10, 200, DeviceAccess.All);

        var error = Assert.Throws<LinuxException>(() => DeviceRule.ToWrites([s_denyAll, wide, hole]));
        Assert.Contains("deny c 10:200 rwm", error.Message);
        Assert.Equal(3, DeviceRule.ToWrites([s_denyAll, wide, wide with { Allow = false }]).Count);
    }

    public static TheoryData<string, int, int, string, bool> Requests => new()
    {
        { "c", 1, 3, "rw", true }, { "c", 1, 3, "rwm", true }, { "c", 1, 11, "r", false }, { "c", 1, 11, "m", true },
        { "b", 8, 0, "m", true }, { "b", 8, 0, "r", false }, { "b", 8, 0, "rm", false }, { "c", 136, 7, "rw", true },
        { "b", 1, 3, "rw", false }, { "c", 5, 2, "w", true }, { "c", 5, 3, "w", false }, { "c", 10, 200, "rw", false },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void The_program_of_the_default_devices_decides(string type, int major, int minor, string access, bool allowed) =>
        Assert.Equal(allowed, Run(DefaultDevices.Rules, type, major, minor, access));

    [Fact]
    public void The_last_rule_that_covers_decides()
    {
        var wide = new DeviceRule(true, DeviceType.Character, 10, null, DeviceAccess.All);
        DeviceRule[] rules = [s_denyAll, wide, new(false, DeviceType.Character, 10, 200, Write)];

        Assert.True(Run(rules, "c", 10, 200, "r"));
        Assert.False(Run(rules, "c", 10, 200, "rw"));
        Assert.True(Run(rules, "c", 10, 201, "rwm"));
        Assert.False(Run(rules, "c", 11, 200, "r"));
    }

    [Fact]
    public void Reading_and_writing_may_be_allowed_by_different_rules()
    {
        DeviceRule[] rules =
        [
            s_denyAll, new(true, DeviceType.Block, 8, 0, Read), new(true, DeviceType.All, 8, null, Write),
        ];

        Assert.True(Run(rules, "b", 8, 0, "rw"));
        Assert.False(Run(rules, "b", 8, 1, "rw"));
        Assert.True(Run(rules, "c", 8, 1, "w"));
        Assert.False(Run(rules, "b", 8, 0, "rwm"));
    }

    [Fact]
    public void What_no_rule_covers_is_allowed()
    {
        DeviceRule[] rules = [new(false, DeviceType.Character, 1, 11, Read)];

        Assert.False(Run(rules, "c", 1, 11, "r"));
        Assert.True(Run(rules, "c", 1, 11, "w"));
        Assert.True(Run(rules, "b", 8, 0, "rwm"));
        Assert.True(Run([], "b", 8, 0, "rwm"));
    }

    [Fact]
    public void Instructions_that_nothing_reaches_are_left_out_for_the_verifier_refuses_them()
    {
        DeviceRule[] rules = [new(true, DeviceType.Character, 1, 3, DeviceAccess.All), s_denyAll];

        Assert.Equal(DeviceFilter.Compile([s_denyAll]), DeviceFilter.Compile(rules));
    }

    /// <summary>Carries out the program as the kernel would.</summary>
    private static bool Run(DeviceRule[] rules, string type, int major, int minor, string access)
    {
        uint wanted = (access.Contains('m') ? 1u : 0) | (access.Contains('r') ? 2u : 0) | (access.Contains('w') ? 4u : 0);
        uint[] context = [wanted << 16 | (type == "b" ? 1u : 2u), (uint)major, (uint)minor];
        var registers = new uint[11];
        BpfInstruction[] program = DeviceFilter.Compile(rules);
        for (int at = 0; ; at++)
        {
            BpfInstruction i = program[at];
            int destination = i.Registers & 0xF;
            switch (i.Code)
            {
                case 0x61: registers[destination] = context[i.Offset / 4]; break;
                case 0xB7: registers[destination] = (uint)i.Immediate; break;
                case 0x54: registers[destination] &= (uint)i.Immediate; break;
                case 0x74: registers[destination] >>= i.Immediate; break;
                case 0x56: at += registers[destination] != (uint)i.Immediate ? i.Offset : 0; break;
                case 0x46: at += (registers[destination] & (uint)i.Immediate) != 0 ? i.Offset : 0; break;
                case 0x05: at += i.Offset; break;
                case 0x95: return registers[0] == 1;
                default: throw new InvalidOperationException($"instruction {i.Code:x}");
            }
        }
    }
}
