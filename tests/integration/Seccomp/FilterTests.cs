using System.Text.Json;
using DockerPS.Integration.Bundles;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Seccomp;

/// <summary>linux.seccomp of config.json, as a container's processes meet it.</summary>
public sealed class FilterTests
{
    private const int SIGSYS = 31;

    [Theory]
    [InlineData(null, "Operation not permitted")]
    [InlineData(122u, "Disk quota exceeded")]
    public void A_refused_call_fails_with_the_error_number_asked_for(uint? number, string expected)
    {
        using var bundle = new OciBundle("mkdir /tmp/a; grep ^Seccomp: /proc/self/status");
        Filter(bundle, Rule("SCMP_ACT_ERRNO", number, "mkdir", "mkdirat"));
        OciBundle.Output output = bundle.Run();
        Assert.Contains(expected, output.Error);
        Assert.Equal("Seccomp:\t2\n", output.Out);
    }

    [Fact]
    public void What_is_not_allowed_fails_when_the_default_refuses()
    {
        using var bundle = new OciBundle("mkdir /tmp/a");
        RuntimeSeccomp docker = DockerPS.Oci.Seccomp.DefaultSeccompProfile.For([], new("amd64", 6, 1));
        foreach (RuntimeSeccompRule rule in docker.Syscalls!) rule.Names.RemoveAll(n => n is "mkdir" or "mkdirat");
        docker.Syscalls!.RemoveAll(r => r.Names.Count == 0);
        docker.DefaultErrnoRet = 30;
        bundle.Linux.Seccomp = Element(docker);
        Assert.Contains("Read-only file system", bundle.Run().Error);
    }

    [Theory]
    [InlineData("SCMP_ACT_KILL")]
    [InlineData("SCMP_ACT_KILL_THREAD")]
    [InlineData("SCMP_ACT_KILL_PROCESS")]
    [InlineData("SCMP_ACT_TRAP")]
    public void A_killing_action_ends_the_process_by_sigsys(string action)
    {
        using var bundle = new OciBundle();
        bundle.Config.Process!.Args = ["mkdir", "/tmp/a"];
        Filter(bundle, Rule(action, null, "mkdir", "mkdirat"));
        Assert.Equal(128 + SIGSYS, bundle.Run().ExitCode);
    }

    [Theory]
    [InlineData("SCMP_ACT_ALLOW", 0)]
    [InlineData("SCMP_ACT_LOG", 0)]
    [InlineData("SCMP_ACT_TRACE", 1)]
    public void An_allowing_action_lets_the_call_through_and_one_for_a_tracer_fails_without_one(string action, int expected)
    {
        using var bundle = new OciBundle();
        bundle.Config.Process!.Args = ["mkdir", "/tmp/a"];
        Filter(bundle, Rule(action, null, "mkdir", "mkdirat"));
        Assert.Equal(expected, bundle.Run().ExitCode);
    }

    [Theory]
    [InlineData("SCMP_CMP_EQ", 7, 0, true)]
    [InlineData("SCMP_CMP_NE", 7, 0, false)]
    [InlineData("SCMP_CMP_LT", 8, 0, true)]
    [InlineData("SCMP_CMP_LE", 6, 0, false)]
    [InlineData("SCMP_CMP_GT", 6, 0, true)]
    [InlineData("SCMP_CMP_GE", 8, 0, false)]
    [InlineData("SCMP_CMP_MASKED_EQ", 5, 5, true)]
    [InlineData("SCMP_CMP_MASKED_EQ", 5, 4, false)]
    public void A_condition_on_an_argument_decides(string comparison, ulong value, ulong second, bool refused)
    {
        using var bundle = new OciBundle("touch /tmp/a; chmod 7 /tmp/a");
        RuntimeSeccompArgument Mode(uint index) => new() { Index = index, Value = value, ValueTwo = second, Op = comparison };
        // The mode is the second argument of one, and the third of the other.
        Filter(
            bundle,
            new RuntimeSeccompRule { Names = ["chmod"], Action = "SCMP_ACT_ERRNO", ErrnoRet = 122, Args = [Mode(1)] },
            new RuntimeSeccompRule { Names = ["fchmodat", "fchmodat2"], Action = "SCMP_ACT_ERRNO", ErrnoRet = 122, Args = [Mode(2)] });
        OciBundle.Output output = bundle.Run();
        Assert.Equal(refused ? (1, true) : (0, false), (output.ExitCode, output.Error.Contains("quota", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_filter_holds_for_later_processes_for_other_users_and_without_no_new_privs()
    {
        using var bundle = new OciBundle("sleep 1000");
        Filter(bundle, Rule("SCMP_ACT_ERRNO", 122, "mkdir", "mkdirat"));
        bundle.StartDetached();
        OciBundle.Output root = bundle.Exec("mkdir /tmp/a; grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status");
        Assert.Contains("quota", root.Error);
        Assert.Equal("NoNewPrivs:\t0\nSeccomp:\t2\n", root.Out);
        OciBundle.Output user = bundle.Exec("mkdir /tmp/a; id -u; grep -E '^(CapEff|Seccomp):' /proc/self/status", "--user", "1000:1000");
        Assert.Contains("quota", user.Error);
        Assert.Equal("1000\nCapEff:\t0000000000000000\nSeccomp:\t2\n", user.Out);
    }

    [Theory]
    [InlineData(false, 0u)]
    [InlineData(false, 1000u)]
    [InlineData(true, 0u)]
    [InlineData(true, 1000u)]
    public void The_narrowest_filter_needs_only_what_the_program_does(bool noNewPrivileges, uint user)
    {
        // The calls of the program itself. With no_new_privs the filter is loaded last, so that none of the birth's own are among them.
        using var bundle = new OciBundle();
        bundle.Config.Process!.Args = ["/bin/busybox", "echo", "narrow"];
        bundle.Config.Process.User = new RuntimeUser { Uid = user, Gid = user };
        bundle.Config.Process.NoNewPrivileges = noNewPrivileges;
        var filter = new RuntimeSeccomp
        {
            DefaultAction = "SCMP_ACT_KILL_PROCESS",
            Syscalls =
            [
                Rule("SCMP_ACT_ALLOW", null,
                    "execve", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat", "getrandom", "brk",
                    "mprotect", "mmap", "munmap", "write", "writev", "exit_group", "getuid", "geteuid", "getgid", "getegid", "fstat", "newfstatat",
                    "ioctl", "prctl", "uname", "setgid", "setuid", "getpid"),
            ],
        };
        if (!noNewPrivileges) filter.Syscalls[0].Names.AddRange(["capset", "capget"]);
        bundle.Linux.Seccomp = Element(filter);
        Assert.Equal("narrow\n", bundle.RunWell());
    }

    [Fact]
    public void Flags_of_the_kernel_are_taken_and_others_named()
    {
        using var bundle = new OciBundle("grep ^Seccomp: /proc/self/status");
        RuntimeSeccomp filter = Allowing(Rule("SCMP_ACT_ERRNO", 122, "mkdir"));
        filter.Flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"];
        bundle.Linux.Seccomp = Element(filter);
        Assert.Equal("Seccomp:\t2\n", bundle.RunWell());
        filter.Flags = ["SECCOMP_FILTER_FLAG_EAGER"];
        bundle.Linux.Seccomp = Element(filter);
        Assert.Contains("$.linux.seccomp.flags[0]", bundle.Run().Error);
    }

    [Fact]
    public void A_filter_that_makes_no_sense_is_refused_by_its_path_and_leaves_nothing()
    {
        using var bundle = new OciBundle();
        Filter(bundle, Rule("SCMP_ACT_DENY", null, "mkdir"));
        OciBundle.Output output = bundle.Run();
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("$.linux.seccomp.syscalls[0].action", output.Error);
        Assert.Equal("", bundle.Verb(["list", "--quiet"], write: false).Out);
    }

    [Fact]
    public void Thirty_two_bit_calls_of_an_architecture_that_is_not_named_are_refused_too()
    {
        using var bundle = new OciBundle("mkdir /tmp/a; echo $?");
        RuntimeSeccomp filter = Allowing(Rule("SCMP_ACT_ERRNO", 122, "mkdir", "mkdirat"));
        filter.Architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"];
        bundle.Linux.Seccomp = Element(filter);
        Assert.Equal("1\n", bundle.RunWell());
    }

    internal static RuntimeSeccompRule Rule(string action, uint? number, params string[] names) =>
        new() { Names = [.. names], Action = action, ErrnoRet = number };

    internal static RuntimeSeccomp Allowing(params RuntimeSeccompRule[] rules) => new() { DefaultAction = "SCMP_ACT_ALLOW", Syscalls = [.. rules] };

    internal static JsonElement Element(RuntimeSeccomp filter) =>
        JsonSerializer.SerializeToElement(filter, RuntimeConfigJson.Default.RuntimeSeccomp);

    private static void Filter(OciBundle bundle, params RuntimeSeccompRule[] rules) => bundle.Linux.Seccomp = Element(Allowing(rules));
}
