using DockerPS.Integration.Bundles;
using Xunit;

namespace DockerPS.Integration.Mounts;

/// <summary>The root file system: where it is, what it lets through, how it becomes "/".</summary>
public sealed class RootTests
{
    [Fact]
    public void A_read_only_root_takes_no_write_and_still_gets_its_working_directory()
    {
        using var bundle = new OciBundle("pwd; touch /x; touch /tmp/x");
        bundle.Config.Root!.Readonly = true;
        bundle.Config.Process!.Cwd = "/made/for/this";
        bundle.Mount("/tmp", "tmpfs", "tmpfs");
        OciBundle.Output output = bundle.Run();
        Assert.Equal("/made/for/this\n", output.Out);
        Assert.Contains("/x: Read-only file system", output.Error);
        Assert.DoesNotContain("/tmp/x", output.Error);
    }

    [Fact]
    public void A_root_that_is_missing_is_named()
    {
        using var bundle = new OciBundle();
        bundle.Config.Root!.Path = "nowhere";
        OciBundle.Output output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("$.root.path", output.Error);
        Assert.Contains(bundle.Root + "/nowhere", output.Error);
    }

    [Fact]
    public void A_root_that_is_a_mount_itself_keeps_the_mounts_below_it()
    {
        using var bundle = new OciBundle("cat /inner/file; grep -c ' /inner ' /proc/self/mountinfo");
        bundle.MountOnHost(bundle.RootFs, "--bind", bundle.RootFs);
        Directory.CreateDirectory(bundle.RootFs + "/inner");
        bundle.MountOnHost(bundle.RootFs + "/inner", "-t", "tmpfs", "tmpfs");
        File.WriteAllText(bundle.RootFs + "/inner/file", "inner\n");
        Assert.Equal("inner\n1\n", bundle.RunWell());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("private")]
    [InlineData("rprivate")]
    [InlineData("slave")]
    [InlineData("rslave")]
    [InlineData("shared")]
    [InlineData("rshared")]
    [InlineData("unbindable")]
    [InlineData("runbindable")]
    public void Every_propagation_starts_and_leaves_nothing_on_the_machine(string? propagation)
    {
        using var bundle = new OciBundle("grep ' / / \\| [^ ]* / ' /proc/self/mountinfo | head -1");
        bundle.Linux.RootfsPropagation = propagation;
        string line = bundle.RunWell();
        Assert.Equal(propagation is "shared" or "rshared", line.Contains("shared:", StringComparison.Ordinal));
        Assert.Equal(propagation is "unbindable" or "runbindable", line.Contains("unbindable", StringComparison.Ordinal));
        Assert.DoesNotContain(bundle.Root, File.ReadAllText("/proc/self/mountinfo"));
    }

    [Theory]
    [InlineData("shared", true, true)]
    [InlineData("rslave", true, false)]
    [InlineData("rprivate", false, false)]
    public void Mounts_below_the_root_go_in_and_out_as_its_propagation_says(string propagation, bool enters, bool leaves)
    {
        using var bundle = new OciBundle("mount -t tmpfs tmpfs /out && sleep 1000");
        bundle.MountOnHost(bundle.RootFs, "--bind", bundle.RootFs);
        Assert.Equal(0, OciBundle.Start("mount", ["--make-shared", bundle.RootFs]).ExitCode);
        foreach (string directory in (string[])["in", "out"]) Directory.CreateDirectory(Path.Combine(bundle.RootFs, directory));
        BindMountTests.Allow(bundle, "CAP_SYS_ADMIN");
        bundle.Linux.RootfsPropagation = propagation;
        bundle.StartDetached();
        bool Inside(string path) => bundle.Exec($"grep -c ' {path} ' /proc/self/mountinfo").Out.Trim() == "1";
        Assert.True(SpinWait.SpinUntil(() => Inside("/out"), TimeSpan.FromSeconds(20)));
        bundle.MountOnHost(bundle.RootFs + "/in", "-t", "tmpfs", "tmpfs");
        Assert.Equal(enters, Inside("/in"));
        Assert.Equal(leaves, BindMountTests.IsMounted(bundle.RootFs + "/out"));
        if (leaves) Assert.Equal(0, OciBundle.Start("umount", [bundle.RootFs + "/out"]).ExitCode);
    }

    [Fact]
    public void A_propagation_that_is_none_is_named()
    {
        using var bundle = new OciBundle();
        bundle.Linux.RootfsPropagation = "sideways";
        OciBundle.Output output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("linux.rootfsPropagation", output.Error);
    }

    [Fact]
    public void Without_a_pivot_the_root_is_the_bundles_and_the_machines_mounts_are_gone()
    {
        using var bundle = new OciBundle("ls / | tr '\\n' ' '; cat /etc/name; cut -d' ' -f5 /proc/self/mountinfo | grep -c /sys/fs/cgroup");
        File.WriteAllText(bundle.RootFs + "/etc/name", "bundle\n");
        OciBundle.Output output = bundle.Run("--no-pivot");
        Assert.Equal("bin dev etc proc sys tmp usr bundle\n0\n", output.Out);
    }

    [Fact]
    public void Without_a_mount_namespace_the_root_is_the_bundles_and_what_is_mounted_is_the_containers_alone()
    {
        using var bundle = new OciBundle("cat /etc/name; readlink /proc/1/ns/mnt; cat /data/file; touch /tmp/x /data/x; sleep 1000");
        File.WriteAllText(bundle.RootFs + "/etc/name", "bundle\n");
        string data = bundle.MakeDirectory("data");
        File.WriteAllText(data + "/file", "data\n");
        bundle.MountOnHost(data, "--bind", data);
        Assert.Equal(0, OciBundle.Start("mount", ["--make-shared", data]).ExitCode);
        bundle.Linux.Namespaces!.RemoveAll(n => n.Type == "mount");
        bundle.Linux.MaskedPaths = null;
        bundle.Linux.ReadonlyPaths = null;
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 15), "SKIPPED: mounts in a detached root need Linux 6.15.");
        bundle.Mount("/data", "bind", data, "rbind", "ro");
        // Below a mount of the machine that is shared: it must not reach it.
        Directory.CreateDirectory(data + "/inner");
        bundle.Mount("/data/inner", "tmpfs", "tmpfs");
        bundle.Mount("/tmp", "tmpfs", "tmpfs");
        string[] before = Mounts(bundle);
        bundle.StartDetached();
        Assert.True(SpinWait.SpinUntil(() => bundle.Exec("test -e /tmp/x").ExitCode == 0, TimeSpan.FromSeconds(20)));
        Assert.Equal("tmpfs", bundle.Exec("stat -f -c %T /data/inner").Out.Trim());
        string own = new FileInfo("/proc/self/ns/mnt").LinkTarget!;
        Assert.StartsWith($"bundle\n{own}\ndata\ntouch: /data/x: Read-only file system\n", File.ReadAllText(bundle.Root + "/output"));
        Assert.Equal(before, Mounts(bundle));
        Assert.False(File.Exists(bundle.RootFs + "/tmp/x"));
        Assert.Equal(0, bundle.Verb(["delete", "--force", bundle.Id], write: false).ExitCode);
        Assert.Equal(before, Mounts(bundle));
    }

    [Fact]
    public void Without_a_mount_namespace_what_would_change_the_machine_is_refused()
    {
        using var bundle = new OciBundle("cat /etc/name");
        File.WriteAllText(bundle.RootFs + "/etc/name", "bundle\n");
        bundle.Linux.Namespaces!.RemoveAll(n => n.Type == "mount");
        Assert.Contains("$.linux.maskedPaths", bundle.Run().Error);
        bundle.Linux.MaskedPaths = null;
        bundle.Linux.ReadonlyPaths = null;
        bundle.Mount("/tmp", "tmpfs", "tmpfs", "shared");
        Assert.Matches(@"\$\.mounts(\[4\])?: .*mount namespace", bundle.Run().Error);
        bundle.Config.Mounts = [];
        Assert.Equal("bundle\n", bundle.RunWell());
        Assert.DoesNotContain(bundle.Root, File.ReadAllText("/proc/self/mountinfo"));
    }

    /// <summary>Those of the machine that are in the bundle.</summary>
    private static string[] Mounts(OciBundle bundle) =>
        [.. File.ReadLines("/proc/self/mountinfo").Where(l => l.Contains(bundle.Root, StringComparison.Ordinal)).Select(l => l.Split(' ', 4)[3])];
}
