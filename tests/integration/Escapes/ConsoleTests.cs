using DockerPS.Integration.Bundles;
using Xunit;

namespace DockerPS.Integration.Escapes;

/// <summary>The terminal's files as the image would like them to be (CVE-2025-52565).</summary>
public sealed class ConsoleTests
{
    [Theory]
    [InlineData("/proc/sys/kernel/core_pattern")]
    [InlineData("/bin/busybox")]
    public void A_link_in_the_place_of_the_console_is_refused(string target)
    {
        using var bundle = new OciBundle("echo started");
        bundle.Config.Mounts!.RemoveAll(m => m.Destination == "/dev");
        bundle.Config.Process!.Terminal = true;
        File.CreateSymbolicLink(bundle.RootFs + "/dev/console", target);
        OciBundle.Output output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.DoesNotContain("started", output.Out);
        Assert.Contains("ELOOP", output.Error);
    }

    [Fact]
    public void A_multiplexer_that_is_not_the_kernels_is_refused()
    {
        foreach (bool link in (bool[])[true, false])
        {
            using var bundle = new OciBundle("echo started");
            bundle.Config.Mounts!.RemoveAll(m => m.Destination.StartsWith("/dev", StringComparison.Ordinal));
            bundle.Config.Process!.Terminal = true;
            Directory.CreateDirectory(bundle.RootFs + "/dev/pts");
            if (link) File.CreateSymbolicLink(bundle.RootFs + "/dev/pts/ptmx", "/dev/ptmx");
            else Assert.Equal(0, OciBundle.Start("mknod", [bundle.RootFs + "/dev/pts/ptmx", "c", "5", "2"]).ExitCode);
            OciBundle.Output output = bundle.Run();
            Assert.NotEqual(0, output.ExitCode);
            Assert.Contains("is no devpts", output.Error);
        }
    }

    [Fact]
    public void The_console_is_the_containers_own_terminal()
    {
        using var bundle = new OciBundle("stat -c %t:%T /dev/console /dev/pts/0; echo to-console > /dev/console; tty");
        bundle.Config.Process!.Terminal = true;
        Assert.Equal("88:0\n88:0\nto-console\n/dev/pts/0\n", bundle.RunWell().Replace("\r", ""));
    }
}
