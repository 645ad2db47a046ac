using System.Text;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Oci.Seccomp;
using Xunit;

namespace DockerPS.Units.Seccomp;

public class SeccompProfileTests
{
    private static readonly SeccompHost Host = new("amd64", 6, 1);

    [Theory]
    [InlineData("{", "$", 1L)]
    [InlineData("{\n \"defaultAction\": \"SCMP_ACT_ALLOW\",\n \"syscalls\": [}\n}", "$", 3L)]
    [InlineData("[]", "$", null)]
    [InlineData("{}", "$.defaultAction", null)]
    [InlineData("""{"defaultAction": 1}""", "$.defaultAction", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_MAYBE"}""", "$.defaultAction", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_NOTIFY"}""", "$.defaultAction", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 5}""", "$.defaultErrnoRet", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 5000}""", "$.defaultErrnoRet", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "Z80"]}""", "$.architectures[1]", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86"}]}""", "$.archMap", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_FAST"]}""", "$.flags[0]", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "x"}""", "$.listenerMetadata", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_NOTIFY"}]}""", "$.listenerPath", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_KILL"}]}""", "$.syscalls[0].names", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [], "action": "SCMP_ACT_KILL"}]}""", "$.syscalls[0].names", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "names": ["b"], "action": "SCMP_ACT_KILL"}]}""", "$.syscalls[0].names", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "KILL"}]}""", "$.syscalls[0].action", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL", "errnoRet": 3}]}""", "$.syscalls[0].errnoRet", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}]}""", "$.syscalls[0].args[0].index", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL", "args": [{"index": 1, "value": 1, "op": "EQ"}]}]}""", "$.syscalls[0].args[0].op", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL", "args": [{"index": 1, "value": -1, "op": "SCMP_CMP_EQ"}]}]}""", "$.syscalls[0].args[0].value", null)]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL", "includes": {"minKernel": "four"}}]}""", "$.syscalls[0].includes.minKernel", null)]
    public void A_file_that_is_no_profile_names_the_place(string json, string path, long? line)
    {
        var e = Assert.Throws<SeccompProfileException>(() => SeccompProfile.Read(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(path, e.JsonPath);
        Assert.Equal(line, e.Line);
        Assert.Contains(line is null ? path : $"line {line}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Conditions_choose_rules_by_capability_processor_and_kernel()
    {
        SeccompProfile profile = SeccompProfile.Read("""
            {"defaultAction": "SCMP_ACT_ERRNO", "archMap": [
              {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
              {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
             "syscalls": [
              {"names": ["always"], "action": "SCMP_ACT_ALLOW", "comment": "", "includes": {}, "excludes": {}},
              {"name": "two", "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF", "CAP_PERFMON"]}},
              {"names": ["not"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_BPF", "CAP_KILL"]}},
              {"names": ["arm"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm", "arm64"]}},
              {"names": ["new"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}},
              {"names": ["old"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "6.2"}}]}
            """u8.ToArray());
        Assert.Equal("always not old", Names(profile, Host));
        Assert.Equal("always not old", Names(profile, Host, "CAP_PERFMON"));
        Assert.Equal("always two old", Names(profile, Host, "CAP_PERFMON", "CAP_BPF"));
        Assert.Equal("always not arm old", Names(profile, Host with { Architecture = "arm64" }));
        Assert.Equal("always not new", Names(profile, new("amd64", 6, 2)));
        Assert.Equal("always not new", Names(profile, new("amd64", 7, 0)));
        Assert.Equal(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], profile.Resolve([], Host).Architectures!);
    }

    [Fact]
    public void The_runtime_spec_s_form_is_taken_as_it_is()
    {
        RuntimeSeccomp profile = SeccompProfile.Read("""
            {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
             "listenerPath": "/run/l", "listenerMetadata": "m",
             "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 30, "args": [{"index": 1, "value": 511, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"}]}]}
            """u8.ToArray()).Resolve([], Host);
        Assert.Equal(["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"], profile.Architectures!);
        Assert.Equal(["SECCOMP_FILTER_FLAG_LOG"], profile.Flags!);
        Assert.Equal(("/run/l", "m"), (profile.ListenerPath, profile.ListenerMetadata));
        Assert.Equal("SCMP_ACT_ERRNO(30)", Decisions.Of(profile, "mkdirat", 0, 1, 0, 0, 0, 0));
        Assert.Equal("SCMP_ACT_ALLOW", Decisions.Of(profile, "mkdirat", 0, 2, 0, 0, 0, 0));
    }

    [Theory]
    [InlineData("6.1.0-27-amd64", 6, 1)]
    [InlineData("4.8", 4, 8)]
    [InlineData("10.20-rc1", 10, 20)]
    [InlineData("", 0, 0)]
    public void A_kernel_s_release_is_read_as_two_numbers(string release, int major, int minor) =>
        Assert.Equal(new SeccompHost("amd64", major, minor), SeccompHost.From("amd64", release));

    private static string Names(SeccompProfile profile, SeccompHost host, params string[] capabilities) =>
        string.Join(' ', profile.Resolve(capabilities, host).Syscalls!.SelectMany(r => r.Names));
}
