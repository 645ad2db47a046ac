using System.Text.Json;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Units.RuntimeSpec;

/// <summary>What config.md and config-linux.md forbid is refused with its path; all else is taken.</summary>
public class RuntimeConfigValidatorTests
{
    [Fact]
    public void A_config_that_uses_every_property_is_taken_without_a_warning() => Assert.Empty(Judge(System.Text.Encoding.UTF8.GetBytes(ConfigText.Good)));

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("1.0.2-dev")]
    [InlineData("1.1.0-rc.3+dev")]
    [InlineData("1.3.0")]
    [InlineData("1.27.0")]
    public void Versions_of_the_first_major_are_read(string version) =>
        Assert.Empty(Judge(ConfigText.With("ociVersion", $"\"{version}\"")));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("1.02.0")]
    [InlineData("1.2.0-")]
    [InlineData("1.2.0-a..b")]
    [InlineData("1.2.0-01")]
    [InlineData("v1.2.0")]
    [InlineData("0.5.0-dev")]
    [InlineData("2.0.0")]
    [InlineData("99999999999.0.0")]
    public void Other_versions_are_refused(string version) => Refused(ConfigText.With("ociVersion", $"\"{version}\""), "$.ociVersion");

    [Theory]
    [InlineData("ociVersion", null, "$.ociVersion")]
    [InlineData("process", null, "$.process")]
    [InlineData("process.args", null, "$.process.args")]
    [InlineData("process.args", "[]", "$.process.args")]
    [InlineData("process.args[0]", "1", "$.process.args[0]")]
    [InlineData("process.args[0]", "\"a\\u0000b\"", "$.process.args")]
    [InlineData("process.cwd", null, "$.process.cwd")]
    [InlineData("process.cwd", "\"tmp\"", "$.process.cwd")]
    [InlineData("process.env[0]", "\"PATH\"", "$.process.env[0]")]
    [InlineData("process.env[1]", "\"=x\"", "$.process.env[1]")]
    [InlineData("process.consoleSize.width", null, "$.process.consoleSize.width")]
    [InlineData("process.consoleSize.width", "65536", "$.process.consoleSize")]
    [InlineData("process.user.umask", "512", "$.process.user.umask")]
    [InlineData("process.user.additionalGids[0]", "-1", "$.process.user.additionalGids[0]")]
    [InlineData("process.oomScoreAdj", "1001", "$.process.oomScoreAdj")]
    [InlineData("process.oomScoreAdj", "4294967297", "$.process.oomScoreAdj")]
    [InlineData("process.capabilities.bounding[1]", "\"CAP_BOGUS\"", "$.process.capabilities.bounding[1]")]
    [InlineData("process.capabilities.bounding[1]", "\"chown\"", "$.process.capabilities.bounding[1]")]
    [InlineData("process.capabilities.effective[0]", "\"CAP_CHOWN\"", "$.process.capabilities.effective")]
    [InlineData("process.rlimits[0].type", "\"RLIMIT_BOGUS\"", "$.process.rlimits[0].type")]
    [InlineData("process.rlimits[1].type", "\"RLIMIT_NOFILE\"", "$.process.rlimits[1].type")]
    [InlineData("process.rlimits[0].soft", "5000", "$.process.rlimits[0].soft")]
    [InlineData("process.rlimits[0].hard", null, "$.process.rlimits[0].hard")]
    [InlineData("process.scheduler.policy", "\"SCHED_BOGUS\"", "$.process.scheduler.policy")]
    [InlineData("process.scheduler.policy", "\"SCHED_ISO\"", "$.process.scheduler.policy")]
    [InlineData("process.scheduler.policy", "\"SCHED_FIFO\"", "$.process.scheduler.priority")]
    [InlineData("process.scheduler.policy", "\"SCHED_DEADLINE\"", "$.process.scheduler.runtime")]
    [InlineData("process.scheduler.policy", "\"SCHED_IDLE\"", "$.process.scheduler.nice")]
    [InlineData("process.scheduler.nice", "20", "$.process.scheduler.nice")]
    [InlineData("process.scheduler.priority", "1", "$.process.scheduler.priority")]
    [InlineData("process.scheduler.runtime", "1", "$.process.scheduler.runtime")]
    [InlineData("process.scheduler.flags[0]", "\"SCHED_FLAG_X\"", "$.process.scheduler.flags[0]")]
    [InlineData("process.ioPriority.class", "\"IOPRIO_CLASS_NONE\"", "$.process.ioPriority.class")]
    [InlineData("process.ioPriority.priority", "8", "$.process.ioPriority.priority")]
    [InlineData("process.execCPUAffinity.initial", "\"3-1\"", "$.process.execCPUAffinity.initial")]
    [InlineData("process.execCPUAffinity.final", "\"a\"", "$.process.execCPUAffinity.final")]
    public void A_process_is_refused_with_the_path(string member, string? json, string path) => Refused(ConfigText.With(member, json), path);

    [Theory]
    [InlineData("root", null, "$.root")]
    [InlineData("root.path", null, "$.root.path")]
    [InlineData("root.path", "\"\"", "$.root.path")]
    [InlineData("root.readonly", "\"yes\"", "$.root.readonly")]
    [InlineData("hostname", "\"0123456789012345678901234567890123456789012345678901234567890123456789\"", "$.hostname")]
    [InlineData("linux.namespaces[4]", null, "$.hostname")]
    [InlineData("annotations", "{\"\": \"\"}", "$.annotations")]
    [InlineData("annotations", "{\"a\": 1}", "$.annotations.a")]
    [InlineData("vm", "{}", "$.vm")]
    [InlineData("zos", "1", "$.zos")]
    [InlineData("mounts[0].destination", null, "$.mounts[0].destination")]
    [InlineData("mounts[0].destination", "\"\"", "$.mounts[0].destination")]
    [InlineData("mounts[1].source", null, "$.mounts[1].source")]
    [InlineData("mounts[1].gidMappings", null, "$.mounts[1].gidMappings")]
    [InlineData("mounts[1].uidMappings", "[]", "$.mounts[1].uidMappings")]
    [InlineData("mounts[1].uidMappings[0].size", "0", "$.mounts[1].uidMappings[0].size")]
    [InlineData("mounts[1]", "[]", "$.mounts[1]")]
    [InlineData("hooks.prestart[0].path", "\"bin/true\"", "$.hooks.prestart[0].path")]
    [InlineData("hooks.prestart[0].timeout", "0", "$.hooks.prestart[0].timeout")]
    [InlineData("hooks.prestart[0].env[0]", "\"A\"", "$.hooks.prestart[0].env[0]")]
    [InlineData("hooks.poststop[0].path", null, "$.hooks.poststop[0].path")]
    public void What_surrounds_the_process_is_refused_with_the_path(string member, string? json, string path) =>
        Refused(ConfigText.With(member, json), path);

    [Theory]
    [InlineData("namespaces[0].type", "\"net\"", "$.linux.namespaces[0].type")]
    [InlineData("namespaces[8]", "{\"type\": \"pid\"}", "$.linux.namespaces[8].type")]
    [InlineData("namespaces[0].path", "\"proc/1/ns/pid\"", "$.linux.namespaces[0].path")]
    [InlineData("namespaces[5]", null, "$.linux.uidMappings")]
    [InlineData("uidMappings", null, "$.linux.uidMappings")]
    [InlineData("gidMappings", "[]", "$.linux.gidMappings")]
    [InlineData("uidMappings[0].size", "0", "$.linux.uidMappings[0].size")]
    [InlineData("uidMappings[0].size", "4294967295", "$.linux.uidMappings[0].hostID")]
    [InlineData("uidMappings[0].size", "11", "$.linux.uidMappings[1].containerID")]
    [InlineData("uidMappings[1].hostID", "1009", "$.linux.uidMappings[1].hostID")]
    [InlineData("uidMappings[1].hostID", null, "$.linux.uidMappings[1].hostID")]
    [InlineData("namespaces[7]", null, "$.linux.timeOffsets")]
    [InlineData("namespaces[7].path", "\"/proc/1/ns/time\"", "$.linux.timeOffsets")]
    [InlineData("timeOffsets.realtime", "{}", "$.linux.timeOffsets")]
    [InlineData("timeOffsets.boottime.nanosecs", "1000000000", "$.linux.timeOffsets.boottime.nanosecs")]
    [InlineData("timeOffsets.boottime", "1", "$.linux.timeOffsets.boottime")]
    [InlineData("devices[0].type", "\"d\"", "$.linux.devices[0].type")]
    [InlineData("devices[0].path", "\"dev/fuse\"", "$.linux.devices[0].path")]
    [InlineData("devices[0].major", null, "$.linux.devices[0].major")]
    [InlineData("devices[0].major", "4096", "$.linux.devices[0].major")]
    [InlineData("devices[0].minor", "-1", "$.linux.devices[0].minor")]
    [InlineData("netDevices.eth0.name", "\"a/b\"", "$.linux.netDevices.eth0.name")]
    [InlineData("netDevices.eth0.name", "\"eth1\"", "$.linux.netDevices.eth1.name")]
    [InlineData("netDevices.eth0.name", "\"0123456789abcdef\"", "$.linux.netDevices.eth0.name")]
    [InlineData("netDevices.x y", "{}", "$.linux.netDevices")]
    [InlineData("namespaces[1]", null, "$.linux.netDevices")]
    [InlineData("cgroupsPath", "\"/a/../../b\"", "$.linux.cgroupsPath")]
    [InlineData("rootfsPropagation", "\"everywhere\"", "$.linux.rootfsPropagation")]
    [InlineData("maskedPaths[0]", "\"proc/kcore\"", "$.linux.maskedPaths[0]")]
    [InlineData("readonlyPaths[0]", "\"\"", "$.linux.readonlyPaths[0]")]
    [InlineData("personality.domain", "\"BSD\"", "$.linux.personality.domain")]
    [InlineData("personality.flags", "[\"ADDR_NO_RANDOMIZE\"]", "$.linux.personality.flags[0]")]
    [InlineData("intelRdt.closID", "\"a/b\"", "$.linux.intelRdt.closID")]
    [InlineData("intelRdt.memBwSchema", "\"L3:0=f\"", "$.linux.intelRdt.memBwSchema")]
    [InlineData("intelRdt.schemata[0]", "\"a\\nb\"", "$.linux.intelRdt.schemata[0]")]
    [InlineData("memoryPolicy.mode", "\"MPOL_X\"", "$.linux.memoryPolicy.mode")]
    [InlineData("memoryPolicy.mode", "\"MPOL_LOCAL\"", "$.linux.memoryPolicy.nodes")]
    [InlineData("memoryPolicy.nodes", "\"\"", "$.linux.memoryPolicy.nodes")]
    [InlineData("memoryPolicy.flags[1]", "\"MPOL_F_RELATIVE_NODES\"", "$.linux.memoryPolicy.flags")]
    public void What_is_Linux_own_is_refused_with_the_path(string member, string? json, string path) =>
        Refused(ConfigText.With("linux." + member, json), path);

    [Theory]
    [InlineData("devices[0].allow", null, "devices[0].allow")]
    [InlineData("devices[1].type", "\"p\"", "devices[1].type")]
    [InlineData("devices[1].access", "\"rwx\"", "devices[1].access")]
    [InlineData("devices[1].major", "-2", "devices[1].major")]
    [InlineData("memory.limit", "-2", "memory.limit")]
    [InlineData("memory.swap", "99", "memory.swap")]
    [InlineData("memory.swappiness", "101", "memory.swappiness")]
    [InlineData("memory.limit", "9223372036854775808", "memory.limit")]
    [InlineData("memory.limit", "1.5", "memory.limit")]
    [InlineData("cpu.burst", "1001", "cpu.burst")]
    [InlineData("cpu.idle", "2", "cpu.idle")]
    [InlineData("cpu.cpus", "\"0-\"", "cpu.cpus")]
    [InlineData("cpu.mems", "\"0,,1\"", "cpu.mems")]
    [InlineData("pids.limit", "-2", "pids.limit")]
    [InlineData("blockIO.weight", "9", "blockIO.weight")]
    [InlineData("blockIO.weight", "65536", "blockIO.weight")]
    [InlineData("blockIO.weightDevice[0].weight", null, "blockIO.weightDevice[0]")]
    [InlineData("blockIO.weightDevice[0].major", "-1", "blockIO.weightDevice[0].major")]
    [InlineData("blockIO.throttleReadBpsDevice[0].rate", null, "blockIO.throttleReadBpsDevice[0].rate")]
    [InlineData("hugepageLimits[0].pageSize", "\"64kB\"", "hugepageLimits[0].pageSize")]
    [InlineData("hugepageLimits[0].limit", null, "hugepageLimits[0].limit")]
    [InlineData("network.priorities[0].name", "\"\"", "network.priorities[0].name")]
    [InlineData("rdma.mlx5_1.hcaObjects", null, "rdma.mlx5_1")]
    [InlineData("rdma.mlx5_1.hcaObjects", "\"1\"", "rdma.mlx5_1.hcaObjects")]
    [InlineData("unified", "{\"../memory.max\": \"1\"}", "unified")]
    [InlineData("unified", "{\"memory\": \"1\"}", "unified")]
    public void Resources_are_refused_with_the_path(string member, string? json, string path) =>
        Refused(ConfigText.With("linux.resources." + member, json), "$.linux.resources." + path);

    [Theory]
    [InlineData("defaultAction", null, "defaultAction")]
    [InlineData("defaultAction", "\"ALLOW\"", "defaultAction")]
    [InlineData("defaultAction", "\"SCMP_ACT_ALLOW\"", "defaultErrnoRet")]
    [InlineData("defaultErrnoRet", "4096", "defaultErrnoRet")]
    [InlineData("architectures[0]", "\"x86_64\"", "architectures[0]")]
    [InlineData("flags[0]", "\"LOG\"", "flags[0]")]
    [InlineData("listenerPath", null, "listenerPath")]
    [InlineData("syscalls[0].names", null, "syscalls[0].names")]
    [InlineData("syscalls[0].names", "[]", "syscalls[0].names")]
    [InlineData("syscalls[0].action", "\"SCMP_ACT_X\"", "syscalls[0].action")]
    [InlineData("syscalls[0].errnoRet", "1", "syscalls[0].errnoRet")]
    [InlineData("syscalls[0].args[0].index", "6", "syscalls[0].args[0].index")]
    [InlineData("syscalls[0].args[0].value", null, "syscalls[0].args[0].value")]
    [InlineData("syscalls[0].args[0].op", "\"==\"", "syscalls[0].args[0].op")]
    public void A_filter_is_refused_with_the_path(string member, string? json, string path) =>
        Refused(ConfigText.With("linux.seccomp." + member, json), "$.linux.seccomp." + path);

    [Theory]
    [InlineData("kernel.panic", "network", "machine")]
    [InlineData("kernel/../../etc/passwd", "network", "no name")]
    [InlineData("/proc/sys/net/ipv4/ip_forward", "network", "no name")]
    [InlineData("net.ipv4.ip_forward", "network", "network")]
    [InlineData("net/ipv4/ip_forward", "network", "network")]
    [InlineData("kernel.sem", "ipc", "ipc")]
    [InlineData("fs.mqueue.msg_max", "ipc", "ipc")]
    [InlineData("kernel.hostname", "uts", "$.hostname")]
    public void A_parameter_that_the_host_shares_is_refused(string name, string without, string expected)
    {
        const string Small = """
            {"ociVersion":"1.0.0","root":{"path":"r"},"process":{"args":["a"],"cwd":"/"},"linux":{"namespaces":[
            {"type":"mount"},{"type":"network"},{"type":"ipc"},{"type":"uts"}],"sysctl":{}},"hostname":"h"}
            """;
        string kept = string.Join(',', new[] { "network", "ipc", "uts" }.Where(n => n != without || n == "uts").Select(n => $$"""{"type":"{{n}}"}"""));
        string text = System.Text.Encoding.UTF8.GetString(ConfigText.With("linux.namespaces", $"[{kept}]", Small));
        JsonException e = Refused(ConfigText.With("linux.sysctl", $$"""{"{{name}}":"1"}""", text), "$.linux.sysctl");
        Assert.Contains(expected, e.Message);
    }

    [Theory]
    [InlineData("net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding")]
    [InlineData("net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding")]
    public void A_parameter_is_named_with_dots_or_with_slashes(string name, string path) => Assert.Equal(path, SysctlName.Path(name));

    [Theory]
    [InlineData("mounts[0].destination", "\"proc\"", "$.mounts[0].destination")]
    [InlineData("windows", "{}", "$.windows")]
    [InlineData("process.capabilities.permitted", "[\"CAP_KILL\", \"CAP_CHOWN\"]", null)]
    [InlineData("process.capabilities.inheritable", "[]", "$.process.capabilities.ambient")]
    public void What_is_deprecated_or_passed_over_is_said(string member, string json, string? path)
    {
        List<string> warnings = Judge(ConfigText.With(member, json));
        if (path is null) Assert.Empty(warnings);
        else Assert.StartsWith(path + ":", Assert.Single(warnings));
    }

    [Fact]
    public void A_relative_destination_is_taken_from_the_root()
    {
        RuntimeConfig config = RuntimeConfigReader.Read(ConfigText.With("mounts[0].destination", "\"proc\""));
        RuntimeConfigValidator.Validate(config, _ => { });
        Assert.Equal("/proc", config.Mounts![0].Destination);
    }

    [Theory]
    [InlineData("linux.resources", """{"memory":{"limit":0,"swap":0,"reservation":0},"cpu":{"quota":0,"period":0},"pids":{"limit":0},"blockIO":{"weight":0}}""")]
    [InlineData("linux.rootfsPropagation", "\"\"")]
    [InlineData("linux.seccomp", "null")]
    [InlineData("hooks", "null")]
    [InlineData("process.unknown", "{\"deep\": [1]}")]
    public void What_programs_write_for_nothing_is_nothing(string member, string json) => Assert.Empty(Judge(ConfigText.With(member, json)));

    [Fact]
    public void A_message_holds_nothing_that_a_terminal_obeys()
    {
        JsonException e = Refused(ConfigText.With("linux.rootfsPropagation", "\"\\u001b[31m\""), "$.linux.rootfsPropagation");
        Assert.DoesNotContain('\u001b', e.Message);
    }

    private static List<string> Judge(byte[] json)
    {
        var warnings = new List<string>();
        RuntimeConfigValidator.Validate(RuntimeConfigReader.Read(json), warnings.Add);
        return warnings;
    }

    private static JsonException Refused(byte[] json, string path)
    {
        JsonException e = Assert.Throws<JsonException>(() => Judge(json));
        Assert.Equal(path, e.Path);
        Assert.StartsWith(path + ": ", e.Message);
        return e;
    }
}
