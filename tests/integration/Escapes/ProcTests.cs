using DockerPS.Integration.Bundles;
using Xunit;

namespace DockerPS.Integration.Escapes;

/// <summary>Mounts over procfs and inside of it, which would undo what protects the container or redirect the runtime's own writes
/// (CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2025-31133, CVE-2025-52881).</summary>
public sealed class ProcTests
{
    [Theory]
    [InlineData("/proc")]
    [InlineData("/proc/")]
    [InlineData("/proc/sys")]
    [InlineData("/proc/self/attr")]
    [InlineData("/proc/../proc/sys/kernel")]
    [InlineData("/tmp/../proc/self")]
    [InlineData("/link")]
    [InlineData("/link/sys")]
    [InlineData("/deep/link/self/attr")]
    public void A_volume_goes_neither_over_procfs_nor_into_it_whatever_leads_there(string destination)
    {
        foreach (string type in (string[])["bind", "tmpfs"])
        {
            using var bundle = new OciBundle("echo started");
            File.CreateSymbolicLink(bundle.RootFs + "/link", "/proc");
            Directory.CreateDirectory(bundle.RootFs + "/deep");
            File.CreateSymbolicLink(bundle.RootFs + "/deep/link", "../proc");
            bundle.Mount(destination, type, type == "bind" ? bundle.MakeDirectory("volume") : "tmpfs", type == "bind" ? ["bind"] : []);
            OciBundle.Output output = bundle.Run();
            Assert.NotEqual(0, output.ExitCode);
            Assert.Equal("", output.Out);
            Assert.Contains("$.mounts[4]", output.Error);
            Assert.Contains("proc", output.Error);
        }
    }

    [Fact]
    public void The_few_files_that_are_safe_can_be_covered_and_procfs_of_the_machine_bound()
    {
        using var bundle = new OciBundle("cat /proc/uptime");
        File.WriteAllText(bundle.Root + "/uptime", "1 1\n");
        bundle.Mount("/proc/uptime", "bind", bundle.Root + "/uptime", "bind");
        Assert.Equal("1 1\n", bundle.RunWell());
        using var host = new OciBundle("test -d /proc/1 && cat /proc/uptime >/dev/null");
        host.Config.Mounts!.RemoveAll(m => m.Destination == "/proc");
        host.Linux.Namespaces!.RemoveAll(n => n.Type == "pid");
        host.Mount("/proc", "bind", "/proc", "rbind", "nosuid", "noexec", "nodev");
        host.RunWell();
    }

    [Theory]
    [InlineData("/proc")]
    [InlineData("/sys")]
    public void A_link_of_the_image_in_the_place_of_procfs_or_sysfs_is_refused(string place)
    {
        using var bundle = new OciBundle("echo started");
        Directory.Delete(bundle.RootFs + place);
        Directory.CreateDirectory(bundle.RootFs + "/fake/sys/kernel");
        File.CreateSymbolicLink(bundle.RootFs + place, "/fake");
        OciBundle.Output output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Equal("", output.Out);
        Assert.Contains("ELOOP", output.Error);
        Assert.Contains("$.mounts[", output.Error);
    }

    [Fact]
    public void What_the_runtime_writes_lands_in_the_kernel_and_not_in_files_of_the_image()
    {
        using var bundle = new OciBundle("cat /proc/sys/kernel/domainname /fake/sys/kernel/msgmax; cat /proc/self/oom_score_adj");
        Directory.CreateDirectory(bundle.RootFs + "/fake/sys/kernel");
        Directory.CreateDirectory(bundle.RootFs + "/proc/sys/kernel");
        foreach (string file in (string[])["fake/sys/kernel/msgmax", "proc/sys/kernel/msgmax"])
            File.WriteAllText(Path.Combine(bundle.RootFs, file), "image\n");
        bundle.Linux.Sysctl = new() { ["kernel.msgmax"] = "4242", ["kernel.domainname"] = "example" };
        bundle.Config.Process!.OomScoreAdj = 55;
        Assert.Equal("example\nimage\n55\n", bundle.RunWell());
        Assert.Equal("image\n", File.ReadAllText(bundle.RootFs + "/proc/sys/kernel/msgmax"));
    }

    [Fact]
    public void A_null_device_of_the_image_does_not_serve_to_mask_paths()
    {
        using var bundle = new OciBundle("cat /proc/kcore | wc -c; cat /secret | wc -c; stat -c %t:%T /secret");
        bundle.Config.Mounts!.RemoveAll(m => m.Destination.StartsWith("/dev", StringComparison.Ordinal));
        // The link would lead a mask onto whatever the image wants to be writable: here a sysctl.
        File.CreateSymbolicLink(bundle.RootFs + "/dev/nothing", "/proc/sys/kernel/core_pattern");
        File.WriteAllText(bundle.RootFs + "/secret", "secret");
        bundle.Linux.MaskedPaths = ["/proc/kcore", "/secret"];
        Assert.Equal("0\n0\n1:3\n", bundle.RunWell());
        // Where the default device belongs a link is, and is neither followed nor replaced.
        using var linked = new OciBundle("echo started");
        linked.Config.Mounts!.RemoveAll(m => m.Destination.StartsWith("/dev", StringComparison.Ordinal));
        File.CreateSymbolicLink(linked.RootFs + "/dev/null", "/proc/sys/kernel/core_pattern");
        OciBundle.Output output = linked.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("another file is there", output.Error);
    }
}
