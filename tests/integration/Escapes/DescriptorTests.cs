using DockerPS.Integration.Bundles;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Escapes;

/// <summary>Descriptors of the host as a way out: inherited ones, and the runtime's own while it sets the container up (CVE-2024-21626).</summary>
public sealed class DescriptorTests
{
    private const int Highest = 40;

    [Fact]
    public void No_descriptor_serves_as_a_working_directory_outside()
    {
        using var bundle = new OciBundle("cd ../../../../../../../../.. 2>/dev/null; ls -d bin/busybox && pwd");
        File.WriteAllText(bundle.RootFs + "/inside", "");
        for (int fd = 3; fd < Highest; fd++)
        {
            foreach (string suffix in (string[])["", "/..", "/../../../.."])
            {
                bundle.Config.Process!.Cwd = $"/proc/self/fd/{fd}{suffix}";
                OciBundle.Output output = bundle.Run();
                if (output.ExitCode == 0) Assert.Equal("bin/busybox\n/\n", output.Out);
                else Assert.DoesNotContain("busybox", output.Out);
            }
        }
    }

    [Fact]
    public void No_descriptor_serves_as_a_way_to_a_program_outside()
    {
        using var bundle = new OciBundle();
        // A program of the host, which the container does not have under any name.
        string program = bundle.MakeDirectory("outside") + "/program";
        File.Copy("/bin/busybox", program);
        for (int fd = 3; fd < Highest; fd++)
        {
            foreach (string up in (string[])["", "/../../../../../../../.."])
            {
                bundle.Config.Process!.Args = [$"/proc/self/fd/{fd}{up}{program}", "echo", "escaped"];
                OciBundle.Output output = bundle.Run();
                Assert.NotEqual(0, output.ExitCode);
                Assert.DoesNotContain("escaped", output.Out);
            }
        }
    }

    [Fact]
    public void Exec_is_refused_a_working_directory_outside_too()
    {
        using var bundle = new OciBundle("sleep 1000");
        bundle.StartDetached();
        for (int fd = 3; fd < Highest; fd++)
        {
            OciBundle.Output output = bundle.Exec("cd ../../../../../../../../.. 2>/dev/null; ls -d bin/busybox && pwd", "--cwd", $"/proc/self/fd/{fd}");
            if (output.ExitCode == 0) Assert.Equal("bin/busybox\n/\n", output.Out);
            else Assert.DoesNotContain("busybox", output.Out);
        }
    }

    [Fact]
    public void Descriptors_of_the_caller_do_not_reach_the_container()
    {
        using var bundle = new OciBundle("for f in /proc/self/fd/*; do readlink $f; done; cat <&5; ls /proc/self/fd/6/");
        File.WriteAllText(Path.Combine(bundle.Root, "secret"), "secret");
        bundle.Verb(["--version"], write: true);
        OciBundle.Output output = OciBundle.Start(
            "sh",
            ["-c", $"exec 5<{bundle.Root}/secret 6</ 7</etc/passwd; exec {bundle.Runtime} --root {bundle.Root}/state run --bundle {bundle.Root} {bundle.Id}"]);
        Assert.DoesNotContain("secret", output.Out);
        Assert.DoesNotContain("passwd", output.Out);
        Assert.Contains("5: Bad file descriptor", output.Error);
        Assert.DoesNotContain("socket:", output.Out);
        Assert.DoesNotContain("pidfd", output.Out);
        Assert.DoesNotContain("anon_inode", output.Out);
    }
}
