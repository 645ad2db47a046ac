using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Steps;
using Xunit;

namespace DockerPS.Units.Runtime;

/// <summary>What mounts of config.json become as steps, before anything is mounted.</summary>
public unsafe class MountPlanTests
{
    private static RuntimeMount Mount(string destination, string? type, string? source, params string[] options) =>
        new() { Destination = destination, Type = type, Source = source, Options = [.. options] };

    private static Setting Setting(RuntimeLinux? linux = null, params RuntimeMount[] mounts)
    {
        linux ??= new RuntimeLinux();
        linux.Namespaces ??= [new RuntimeNamespace { Type = "mount" }];
        var config = new RuntimeConfig { Mounts = [.. mounts], Linux = linux, Process = new RuntimeProcess() };
        return new Setting { Config = config, Process = config.Process, Bundle = "/" };
    }

    private static Step[] Plan(Setting setting, Action<Step[]>? look = null)
    {
        using var plan = new StepPlan();
        MountPlan.Mount(plan, setting);
        var steps = new Span<Step>(plan.Freeze(), plan.Count).ToArray();
        look?.Invoke(steps);
        return steps;
    }

    private static string Refused(params RuntimeMount[] mounts) =>
        Assert.Throws<RuntimeFailureException>(() => Plan(Setting(null, mounts))).Message;

    [Fact]
    public void A_file_system_is_one_call_of_mount()
    {
        Plan(Setting(null, Mount("/scratch", "tmpfs", "x", "nosuid", "size=1k", "mode=700", "rprivate")), steps =>
        {
            Step step = Assert.Single(steps);
            Assert.Equal(StepKind.MountAt, step.Kind);
            Assert.Equal(LibC.MS_NOSUID, step.Flags);
            Assert.Equal("size=1k,mode=700", Marshal.PtrToStringUTF8((nint)step.Data));
            Assert.Equal(0UL, step.Value);
        });
    }

    [Fact]
    public void A_tmpfs_without_a_mode_leaves_room_for_that_of_its_place()
    {
        Plan(Setting(null, Mount("/scratch", "tmpfs", "x", "size=1k")), steps =>
        {
            Assert.Equal(MountTraits.ModeOfTarget, steps[0].Value);
            Assert.Equal("size=1k,mode=1777", Marshal.PtrToStringUTF8((nint)steps[0].Data));
            Assert.Equal("1777", Marshal.PtrToStringUTF8((nint)(steps[0].Data + steps[0].Extra)));
        });
    }

    [Theory]
    [InlineData("tmpcopyup")]
    [InlineData("rro")]
    [InlineData("shared")]
    [InlineData("unbindable")]
    public void What_has_to_be_set_before_it_is_seen_is_made_detached(string option) =>
        Assert.Equal(StepKind.FileSystemAt, Plan(Setting(null, Mount("/x", "tmpfs", "x", option)))[0].Kind);

    [Fact]
    public void Options_of_a_detached_file_system_are_pairs()
    {
        Plan(Setting(null, Mount("/x", "tmpfs", "x", "tmpcopyup", "ro", "size=1k", "inode64")), steps =>
        {
            const string Expected = "ro\0\0size\01k\0inode64\0\0\0";
            Assert.Equal(Expected, Marshal.PtrToStringUTF8((nint)steps[0].Data, Expected.Length));
        });
    }

    [Fact]
    public void Procfs_and_sysfs_are_mounted_through_no_link()
    {
        Step[] steps = Plan(Setting(null, Mount("/proc", "proc", "proc"), Mount("/sys", "sysfs", "sysfs"), Mount("/other", "proc", "proc")));
        Assert.Equal(MountTraits.NoLinks | MountTraits.InsideProcfs, steps[0].Value);
        Assert.Equal(MountTraits.NoLinks, steps[1].Value);
        Assert.Equal(MountTraits.NoLinks, steps[2].Value);
    }

    [Fact]
    public void A_bind_carries_attributes_recursion_and_propagation()
    {
        Step step = Plan(Setting(null, Mount("/x", "none", "/", "rbind", "ro", "suid", "noatime", "rnodev", "rslave", "shared")))[0];
        Assert.Equal(StepKind.BindAt, step.Kind);
        Assert.Equal(MountTraits.Recursive, step.Value);
        Assert.Equal(LibC.MOUNT_ATTR_RDONLY | LibC.MOUNT_ATTR_NOATIME, step.Flags);
        Assert.Equal(LibC.MOUNT_ATTR_NOSUID | LibC.MOUNT_ATTR_ATIME, step.Clear);
        Assert.Equal(LibC.MOUNT_ATTR_NODEV, step.RecursiveSet);
        Assert.Equal(0x0413UL, step.Propagation);
    }

    [Fact]
    public void A_tree_that_the_parent_opened_is_taken_instead_of_the_path()
    {
        Setting setting = Setting(null, Mount("/x", "bind", "/"));
        setting.MountTrees[0] = 77;
        Step step = Plan(setting)[0];
        Assert.Equal(77, step.Fd);
        Assert.Equal(MountTraits.GivenTree, step.Value & MountTraits.GivenTree);
    }

    [Theory]
    [InlineData("/proc/sys", "is inside of procfs")]
    [InlineData("/proc/self/attr", "is inside of procfs")]
    [InlineData("/a/../proc/self", "is inside of procfs")]
    [InlineData("/proc", "only procfs may be mounted on /proc")]
    [InlineData("relative", "must be absolute")]
    public void A_place_that_no_file_system_may_have_is_refused(string destination, string reason)
    {
        string message = Refused(Mount("/fine", "tmpfs", "x"), Mount(destination, "tmpfs", "x"));
        Assert.Contains("$.mounts[1]", message);
        Assert.Contains(reason, message);
    }

    [Theory]
    [InlineData("/proc/uptime")]
    [InlineData("/proc/meminfo")]
    [InlineData("/proc/sys/kernel/ns_last_pid")]
    public void The_safe_files_of_procfs_may_be_covered_by_a_bind_but_through_no_link(string destination) =>
        Assert.Equal(
            MountTraits.InsideProcfs | MountTraits.NoLinks, Plan(Setting(null, Mount(destination, "bind", "/etc/hostname")))[0].Value);

    [Fact]
    public void A_bind_on_proc_has_to_be_procfs_itself() =>
        Assert.Equal(
            MountTraits.InsideProcfs | MountTraits.NoLinks | MountTraits.ProcfsSource, Plan(Setting(null, Mount("/proc", "bind", "/proc")))[0].Value);

    [Fact]
    public void Mistakes_are_told_with_their_path()
    {
        Assert.Contains("$.mounts[0].type: is missing", Refused(Mount("/x", null, "x")));
        Assert.Contains("$.mounts[0].source: is missing", Refused(Mount("/x", "bind", null)));
        Assert.Contains("$.mounts[0].source", Refused(Mount("/x", "bind", "/is/not/there")));
        Assert.Contains("$.mounts[0].options[2]: 'nosize'", Refused(Mount("/x", "bind", "/", "bind", "ro", "nosize")));
        Assert.Contains("$.mounts[0].options[1]: 'idmap=uids=0-1-2'", Refused(Mount("/x", "bind", "/", "bind", "idmap=uids=0-1-2")));
        Assert.Contains("$.mounts[0].options: 'tmpcopyup'", Refused(Mount("/x", "mqueue", "x", "tmpcopyup")));
    }

    [Fact]
    public void Without_a_mount_namespace_mounts_are_made_detached_as_nobodys_peers()
    {
        Setting setting = Setting(new RuntimeLinux { Namespaces = [] }, Mount("/x", "tmpfs", "x", "rprivate"), Mount("/y", "bind", "/", "rbind"));
        if (Environment.OSVersion.Version < new Version(6, 15))
        {
            Assert.Contains("$.mounts", Assert.Throws<RuntimeFailureException>(() => Plan(setting)).Message);
            return;
        }

        Step[] steps = Plan(setting);
        Assert.Equal([StepKind.FileSystemAt, StepKind.BindAt], steps.Select(s => s.Kind));
        Assert.All(steps, s => Assert.Equal((MountTraits.InDetachedRoot, 0UL), (s.Value & MountTraits.InDetachedRoot, s.Propagation)));
    }

    [Theory]
    [InlineData("tmpfs", "shared")]
    [InlineData("tmpfs", "remount")]
    [InlineData("cgroup", "ro")]
    public void Without_a_mount_namespace_what_needs_one_is_refused(string type, string option)
    {
        Setting setting = Setting(new RuntimeLinux { Namespaces = [] }, Mount("/x", type, "x", option));
        Assert.Contains("$.mounts", Assert.Throws<RuntimeFailureException>(() => Plan(setting)).Message);
    }
}
