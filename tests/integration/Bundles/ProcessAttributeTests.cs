using System.Globalization;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Bundles;

/// <summary>Attributes of the process in config.json, as it finds them itself.</summary>
public sealed class ProcessAttributeTests
{
    // /proc/PID/stat, counted behind the name in parentheses: nice is the 17th, real-time priority the 38th, policy the 39th.
    private const string Scheduling = "sed 's/.*) //' /proc/self/stat | cut -d' ' -f17,38,39";

    [Theory]
    [InlineData("SCHED_OTHER", 7, null, "7 0 0")]
    [InlineData("SCHED_BATCH", 5, null, "5 0 3")]
    [InlineData("SCHED_IDLE", null, null, "0 0 5")]
    [InlineData("SCHED_FIFO", null, 11, "0 11 1")]
    [InlineData("SCHED_RR", null, 12, "0 12 2")]
    public void The_scheduler_is_the_one_asked_for(string policy, int? nice, int? priority, string expected)
    {
        using var bundle = new OciBundle(Scheduling);
        bundle.Config.Process!.Scheduler = new RuntimeScheduler { Policy = policy, Nice = nice, Priority = priority };
        OciBundle.Output output = bundle.Run();
        Assert.SkipWhen(
            output.Error.Contains("sched_setattr", StringComparison.Ordinal) && output.Error.Contains("EPERM", StringComparison.Ordinal),
            "SKIPPED: this machine does not let its root use real-time policies.");
        Assert.Equal(expected + "\n", output.Out);
    }

    [Fact]
    public void A_deadline_scheduler_is_set_with_its_three_times()
    {
        using var bundle = new OciBundle("exec sed 's/.*) //' /proc/self/stat");
        bundle.Config.Process!.Args = ["cat", "/proc/self/stat"];
        bundle.Config.Process.Scheduler = new RuntimeScheduler
        {
            Policy = "SCHED_DEADLINE", Runtime = 1_000_000, Deadline = 20_000_000, Period = 20_000_000,
        };
        OciBundle.Output output = bundle.Run();
        Assert.SkipWhen(
            output.Error.Contains("sched_setattr(SCHED_DEADLINE)", StringComparison.Ordinal) && output.Error.Contains("EPERM", StringComparison.Ordinal),
            "SKIPPED: this machine does not let its root use deadlines.");
        Assert.Equal("6", output.Out.Split(") ")[1].Split(' ')[38]);
    }

    [Fact]
    public void A_policy_or_flag_that_is_none_is_named()
    {
        using var bundle = new OciBundle();
        bundle.Config.Process!.Scheduler = new RuntimeScheduler { Policy = "SCHED_EAGER" };
        Assert.Contains("process.scheduler.policy", bundle.Run().Error);
        bundle.Config.Process.Scheduler = new RuntimeScheduler { Policy = "SCHED_OTHER", Flags = ["SCHED_FLAG_EAGER"] };
        Assert.Contains("process.scheduler.flags", bundle.Run().Error);
    }

    [Theory]
    [InlineData("IOPRIO_CLASS_BE", 6, "best-effort: prio 6")]
    [InlineData("IOPRIO_CLASS_RT", 2, "realtime: prio 2")]
    [InlineData("IOPRIO_CLASS_IDLE", 0, "idle")]
    public void The_input_output_priority_is_the_one_asked_for(string @class, int priority, string expected)
    {
        using var bundle = new OciBundle("ionice");
        bundle.Config.Process!.IoPriority = new RuntimeIoPriority { Class = @class, Priority = priority };
        Assert.StartsWith(expected, bundle.RunWell());
    }

    [Fact]
    public void A_personality_of_32_bits_shows()
    {
        using var bundle = new OciBundle("uname -m");
        bundle.Linux.Personality = new RuntimePersonality { Domain = "LINUX32" };
        Assert.Contains(bundle.RunWell().Trim(), new[] { "i686", "armv8l", "armv7l" });
        bundle.Linux.Personality.Domain = "BSD";
        Assert.Contains("linux.personality.domain", bundle.Run().Error);
    }

    [Fact]
    public void A_memory_policy_holds_for_the_process()
    {
        using var bundle = new OciBundle("grep -c ' bind:0 \\| bind' /proc/self/numa_maps");
        Assert.SkipUnless(File.Exists("/proc/self/numa_maps"), "SKIPPED: this kernel has no NUMA.");
        bundle.Linux.MemoryPolicy = new RuntimeMemoryPolicy { Mode = "MPOL_BIND", Nodes = "0" };
        Assert.True(int.Parse(bundle.RunWell(), CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public void A_container_runs_on_all_processors_however_confined_its_starter_is_and_exec_on_those_it_names()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "SKIPPED: this machine has one processor.");
        using var bundle = new OciBundle("grep Cpus_allowed_list /proc/self/status; sleep 1000");
        bundle.StartDetached();
        string process = Path.Combine(bundle.Root, "process.json");
        RuntimeProcess further = new()
        {
            Args = ["grep", "Cpus_allowed_list", "/proc/self/status"], Env = ["PATH=/bin"],
            ExecCpuAffinity = new RuntimeCpuAffinity { Initial = "0", Final = "1" },
        };
        File.WriteAllBytes(process, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(further, RuntimeConfigJson.Default.RuntimeProcess));
        OciBundle.Output output = bundle.Verb(["exec", "--process", process, bundle.Id], write: false);
        Assert.Equal("Cpus_allowed_list:\t1\n", output.Out);
        OciBundle.Output confined = OciBundle.Start(
            "taskset", ["-c", "0", bundle.Runtime, "--root", bundle.Root + "/state", "exec", bundle.Id, "grep", "Cpus_allowed_list", "/proc/self/status"]);
        Assert.NotEqual("Cpus_allowed_list:\t0\n", confined.Out);
    }

    [Fact]
    public void Labels_of_a_security_module_that_the_kernel_lacks_are_refused_by_name()
    {
        using var bundle = new OciBundle();
        if (!File.Exists("/sys/module/apparmor/parameters/enabled"))
        {
            bundle.Config.Process!.ApparmorProfile = "some-profile";
            Assert.Contains("$.process.apparmorProfile: this kernel has no AppArmor", bundle.Run().Error);
            bundle.Config.Process.ApparmorProfile = "unconfined";
            bundle.RunWell();
            bundle.Config.Process.ApparmorProfile = null;
        }

        Assert.SkipWhen(Directory.Exists("/sys/fs/selinux"), "SKIPPED: this kernel has SELinux.");
        bundle.Config.Process!.SelinuxLabel = "system_u:system_r:container_t:s0";
        Assert.Contains("$.process.selinuxLabel: this kernel has no SELinux", bundle.Run().Error);
        bundle.Config.Process.SelinuxLabel = null;
        bundle.Linux.MountLabel = "system_u:object_r:container_file_t:s0";
        OciBundle.Output output = bundle.Run();
        // Nobody would look at it, so a word of warning is enough.
        Assert.Equal(0, output.ExitCode);
        Assert.Contains("$.linux.mountLabel: this kernel has no SELinux", output.Error);
    }

    [Fact]
    public void A_capability_that_the_runtime_lacks_itself_is_left_out_with_a_warning()
    {
        ulong own = DockerPS.Linux.Capabilities.Permitted();
        int lacking = Enumerable.Range(0, DockerPS.Linux.Capabilities.Count).FirstOrDefault(n => (own >> n & 1) == 0, -1);
        Assert.SkipWhen(lacking < 0, "SKIPPED: this machine's root has every capability.");
        using var bundle = new OciBundle("grep -E '^Cap(Prm|Eff)' /proc/self/status | tr '\\t' ' '");
        string name = CapabilityName.All[lacking];
        bundle.Config.Process!.Capabilities = new RuntimeCapabilities
        {
            Bounding = ["CAP_KILL", name], Permitted = ["CAP_KILL", name], Effective = ["CAP_KILL", name],
        };
        OciBundle.Output output = bundle.Run();
        Assert.Equal((0, "CapPrm: 0000000000000020\nCapEff: 0000000000000020\n"), (output.ExitCode, output.Out));
        Assert.Contains($"$.process.capabilities: {name} is left out", output.Error);
    }

    [Fact]
    public void Capability_sets_are_exactly_those_given_and_unnamed_ones_are_empty()
    {
        using var bundle = new OciBundle("grep ^Cap /proc/self/status | tr '\\t' ' '");
        bundle.Config.Process!.User = new RuntimeUser { Uid = 1000, Gid = 1000 };
        bundle.Config.Process.Capabilities = new RuntimeCapabilities
        {
            Bounding = ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"], Permitted = ["CAP_CHOWN", "CAP_KILL"], Inheritable = ["CAP_KILL"],
            Effective = ["CAP_KILL"], Ambient = ["CAP_KILL"],
        };
        // A program of a plain user keeps the ambient set, as permitted and effective.
        Assert.Equal(
            """
            CapInh: 0000000000000020
            CapPrm: 0000000000000020
            CapEff: 0000000000000020
            CapBnd: 0000000000002021
            CapAmb: 0000000000000020

            """,
            bundle.RunWell());
        bundle.Config.Process.Capabilities = null;
        bundle.Config.Process.User = new RuntimeUser();
        Assert.DoesNotContain("1", bundle.RunWell());
    }

    [Fact]
    public void Umask_score_and_size_of_the_console_are_those_given()
    {
        using var bundle = new OciBundle("umask; cat /proc/self/oom_score_adj; stty size; tty");
        bundle.Config.Process!.User.Umask = 0x3F;
        bundle.Config.Process.OomScoreAdj = 321;
        bundle.Config.Process.Terminal = true;
        bundle.Config.Process.ConsoleSize = new ConsoleSize { Height = 33, Width = 99 };
        Assert.Equal("0077\n321\n33 99\n/dev/pts/0\n", bundle.RunWell().Replace("\r", ""));
    }

    [Fact]
    public void A_kernel_parameter_of_the_whole_machine_is_refused_and_one_of_a_namespace_set()
    {
        using var bundle = new OciBundle("cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward");
        bundle.Linux.Sysctl = new() { ["kernel.msgmax"] = "4242", ["net.ipv4.ip_forward"] = "1" };
        Assert.Equal("4242\n1\n", bundle.RunWell());
        bundle.Linux.Sysctl = new() { ["vm.swappiness"] = "1" };
        Assert.Contains("vm.swappiness", bundle.Run().Error);
        bundle.Linux.Sysctl = new() { ["net.ipv4.ip_forward"] = "1" };
        bundle.Linux.Namespaces!.RemoveAll(n => n.Type == "network");
        Assert.Contains("net.ipv4.ip_forward", bundle.Run().Error);
    }

    [Fact]
    public void A_user_enters_a_working_directory_that_is_closed_to_others()
    {
        using var bundle = new OciBundle("pwd");
        Directory.CreateDirectory(bundle.RootFs + "/home/user");
        Assert.Equal(0, OciBundle.Start("chown", ["1000:1000", bundle.RootFs + "/home/user"]).ExitCode);
        OciBundle.SetMode(bundle.RootFs + "/home/user", "700");
        bundle.Config.Process!.User = new RuntimeUser { Uid = 1000, Gid = 1000 };
        bundle.Config.Process.Cwd = "/home/user";
        Assert.Equal("/home/user\n", bundle.RunWell());
    }
}
