using System.Text;
using DockerPS.Linux.Seccomp;
using DockerPS.Oci.Seccomp;
using DockerPS.Runtime.Seccomp;
using Xunit;

namespace DockerPS.Units.Seccomp;

/// <summary>Profiles of all kinds, compiled and run.</summary>
public class CompilerTests
{
    private const int Read = 0, Getpid = 39, Mkdir = 83, Mseal = 462;

    /// <summary>One that the library may know, and one that only the prelude knows.</summary>
    public static TheoryData<string, string, int> Operators()
    {
        var data = new TheoryData<string, string, int>();
        foreach (string comparison in SeccompCondition.Operators)
        {
            data.Add(comparison, "getpid", Getpid);
            data.Add(comparison, "mseal", Mseal);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Conditions_compare_all_64_bits_without_sign(string comparison, string name, int number)
    {
        ulong[] edges = [0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x1_00000000, 0x1_00000001, 0x2_00000000, ulong.MaxValue - 1, ulong.MaxValue];
        foreach (ulong value in edges)
        {
            ulong second = value & 0x1_00000001;
            FilterMachine machine = Compile($$"""
                {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["{{name}}"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7,
                 "args": [{"index": 3, "value": {{value}}, "valueTwo": {{second}}, "op": "{{comparison}}"}]}]}
                """);
            foreach (ulong argument in edges)
            {
                string expected = Decisions.Holds(comparison, argument, value, second) ? "SCMP_ACT_ERRNO(7)" : "SCMP_ACT_ALLOW";
                string actual = Decisions.Of(machine.Run(SeccompArchitectures.X86_64, number, 9, 9, 9, argument, 9, 9));
                Assert.True(expected == actual, $"{argument:x} {comparison} {value:x}, {second:x}: {actual}");
            }
        }
    }

    [Theory]
    [InlineData("SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD")]
    [InlineData("SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_THREAD")]
    [InlineData("SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_PROCESS")]
    [InlineData("SCMP_ACT_TRAP", "SCMP_ACT_TRAP")]
    [InlineData("SCMP_ACT_ERRNO", "SCMP_ACT_ERRNO(1)")]
    [InlineData("SCMP_ACT_TRACE", "SCMP_ACT_TRACE(1)")]
    [InlineData("SCMP_ACT_ALLOW", "SCMP_ACT_ALLOW")]
    [InlineData("SCMP_ACT_LOG", "SCMP_ACT_LOG")]
    public void Each_action_can_be_a_rule_s_and_the_default(string action, string decision)
    {
        string other = action == "SCMP_ACT_ALLOW" ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW";
        FilterMachine rule = Compile($$"""{"defaultAction": "{{other}}", "syscalls": [{"names": ["getpid", "mseal"], "action": "{{action}}"}]}""");
        Assert.Equal(decision, Decisions.Of(rule.Run(SeccompArchitectures.X86_64, Getpid)));
        Assert.Equal(decision, Decisions.Of(rule.Run(SeccompArchitectures.X86_64, Mseal)));
        Assert.Equal(other, Decisions.Of(rule.Run(SeccompArchitectures.X86_64, Read)));
        FilterMachine byDefault = Compile($$"""{"defaultAction": "{{action}}", "syscalls": [{"names": ["getpid"], "action": "{{other}}"}]}""");
        Assert.Equal(decision, Decisions.Of(byDefault.Run(SeccompArchitectures.X86_64, Read)));
        Assert.Equal(other, Decisions.Of(byDefault.Run(SeccompArchitectures.X86_64, Getpid)));
    }

    [Fact]
    public void A_listener_s_action_can_be_a_rule_s()
    {
        FilterMachine machine = Compile("""
            {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/listener.sock", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}
            """);
        Assert.Equal("SCMP_ACT_NOTIFY", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, Mkdir)));
    }

    [Fact]
    public void Numbers_of_errors_and_of_tracers_are_handed_on()
    {
        FilterMachine machine = Compile("""
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 13, "syscalls": [
             {"names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}, {"names": ["read"], "action": "SCMP_ACT_TRACE", "errnoRet": 4711},
             {"names": ["mseal"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}
            """);
        Assert.Equal("SCMP_ACT_ERRNO(95)", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, Getpid)));
        Assert.Equal("SCMP_ACT_ERRNO(95)", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, Mseal)));
        Assert.Equal("SCMP_ACT_TRACE(4711)", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, Read)));
        Assert.Equal("SCMP_ACT_ERRNO(13)", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, Mkdir)));
    }

    [Fact]
    public void Calls_newer_than_the_profile_are_not_implemented_unless_it_allows_by_default()
    {
        const string Rules = """ "syscalls": [{"names": ["clone", "no_such_call"], "action": "SCMP_ACT_LOG"}]}""";
        const int Clone = 56, Fork = 57, Execve = 59, Clone3 = 435;
        FilterMachine refusing = Compile("""{"defaultAction": "SCMP_ACT_ERRNO",""" + Rules);
        Assert.Equal("SCMP_ACT_LOG", Decisions.Of(refusing.Run(SeccompArchitectures.X86_64, Clone)));
        Assert.Equal("SCMP_ACT_ERRNO(1)", Decisions.Of(refusing.Run(SeccompArchitectures.X86_64, Read)));
        foreach (int newer in new[] { Fork, Execve, Clone3, 9999 })
            Assert.Equal("SCMP_ACT_ERRNO(38)", Decisions.Of(refusing.Run(SeccompArchitectures.X86_64, newer)));
        FilterMachine killing = Compile("""{"defaultAction": "SCMP_ACT_KILL_PROCESS",""" + Rules);
        Assert.Equal("SCMP_ACT_ERRNO(38)", Decisions.Of(killing.Run(SeccompArchitectures.X86_64, Clone3)));
        foreach (string permissive in new[] { "SCMP_ACT_ALLOW", "SCMP_ACT_TRACE" })
        {
            FilterMachine machine = Compile($$"""{"defaultAction": "{{permissive}}",""" + Rules);
            Assert.StartsWith(permissive, Decisions.Of(machine.Run(SeccompArchitectures.X86_64, Clone3)), StringComparison.Ordinal);
        }

        FilterMachine saying = Compile("""{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,""" + Rules);
        Assert.Equal("SCMP_ACT_ERRNO(38)", Decisions.Of(saying.Run(SeccompArchitectures.X86_64, Read)));
    }

    [Fact]
    public void Several_arguments_must_all_hold_and_two_conditions_on_one_are_two_rules()
    {
        FilterMachine both = Compile("""
            {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["socket", "mseal"], "action": "SCMP_ACT_ALLOW", "args": [
             {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 1, "op": "SCMP_CMP_EQ"}]}]}
            """);
        FilterMachine either = Compile("""
            {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["socket", "mseal"], "action": "SCMP_ACT_ALLOW", "args": [
             {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 10, "op": "SCMP_CMP_EQ"}]}]}
            """);
        foreach (int number in new[] { 41, Mseal })
        {
            Assert.Equal("SCMP_ACT_ALLOW", Decisions.Of(both.Run(SeccompArchitectures.X86_64, number, 2, 1)));
            Assert.Equal("SCMP_ACT_ERRNO(1)", Decisions.Of(both.Run(SeccompArchitectures.X86_64, number, 2, 2)));
            Assert.Equal("SCMP_ACT_ERRNO(1)", Decisions.Of(both.Run(SeccompArchitectures.X86_64, number, 10, 1)));
            Assert.Equal("SCMP_ACT_ALLOW", Decisions.Of(either.Run(SeccompArchitectures.X86_64, number, 2, 5)));
            Assert.Equal("SCMP_ACT_ALLOW", Decisions.Of(either.Run(SeccompArchitectures.X86_64, number, 10, 5)));
            Assert.Equal("SCMP_ACT_ERRNO(1)", Decisions.Of(either.Run(SeccompArchitectures.X86_64, number, 3, 5)));
        }
    }

    [Fact]
    public void The_same_rule_twice_is_one_and_one_that_says_the_default_is_none()
    {
        FilterMachine machine = Compile("""
            {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read", "read"], "action": "SCMP_ACT_ALLOW"},
             {"names": ["read"], "action": "SCMP_ACT_ALLOW"}, {"names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
            """);
        Assert.Equal("SCMP_ACT_ALLOW", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, Read)));
        Assert.Equal("SCMP_ACT_ERRNO(1)", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, Getpid)));
    }

    [Fact]
    public void An_architecture_that_the_machine_s_libseccomp_cannot_filter_is_named()
    {
        Assert.SkipWhen(LibSeccomp.Missing is not null, "SKIPPED: " + LibSeccomp.Missing);
        SeccompProfile profile = SeccompProfile.Read("""{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_S390X"]}"""u8.ToArray());
        var e = Assert.Throws<SeccompPolicyException>(() => SeccompCompiler.Compile(
            SeccompPolicies.From(profile.Resolve([], new SeccompHost("amd64", 6, 1)), SeccompArchitectures.X86_64)));
        Assert.Equal("architectures", e.Member);
        Assert.Contains("SCMP_ARCH_S390X", e.Message, StringComparison.Ordinal);
    }

    private static FilterMachine Compile(string json)
    {
        Assert.SkipWhen(LibSeccomp.Missing is not null, "SKIPPED: " + LibSeccomp.Missing);
        SeccompProfile profile = SeccompProfile.Read(Encoding.UTF8.GetBytes(json));
        return new FilterMachine(SeccompCompiler.Compile(
            SeccompPolicies.From(profile.Resolve([], new SeccompHost("amd64", 6, 1)), SeccompArchitectures.X86_64)));
    }
}
