using System.Diagnostics;
using System.Security.Cryptography;
using DockerPS.Integration.Bundles;
using DockerPS.Integration.Mounts;
using Xunit;

namespace DockerPS.Integration.Escapes;

/// <summary>Overwriting the runtime's file from a container (CVE-2019-5736): through the kernel executing it again, and through the reaper.</summary>
public sealed class OwnExecutableTests
{
    [Fact]
    public void A_container_that_executes_the_runtime_itself_cannot_write_to_its_file_then_or_after_its_end()
    {
        using var bundle = new OciBundle(
            """
            p=; while [ -z "$p" ]; do
              for q in /proc/[0-9]*; do tr '\0' ' ' < $q/cmdline 2>/dev/null | grep -q '^/proc/self/exe extract' && p=$q; done
            done
            exec 9<$p/exe; sha256sum < $p/exe | cut -c-64 >/found
            (echo overwritten > $p/exe) 2>/during; (echo overwritten >> /proc/self/fd/9) 2>>/during
            mount -o remount,bind,rw $p/exe 2>/dev/null && echo remounted >>/during
            touch /held
            while [ ! -e /ended ]; do sleep 0.05; done
            (echo overwritten >> /proc/self/fd/9) 2>/after; (echo overwritten > /dev/fd/9) 2>>/after
            touch /tried; sleep 1000
            """);
        // A file of its own, since what any other process executes may not be written to anyhow.
        string runtime = Path.Combine(bundle.Root, "runtime");
        File.Copy(bundle.Runtime, runtime);
        bundle.Runtime = runtime;
        GiveLibraries(bundle);
        byte[] before = SHA256.HashData(File.ReadAllBytes(runtime));
        BindMountTests.Allow(bundle, "CAP_SYS_ADMIN", "CAP_SYS_PTRACE");
        bundle.StartDetached();
        // What the entry point "#!/proc/self/exe", or a shell that is a link to it, comes to: the runtime's own file runs in the
        // container. This verb of it waits for its input, and so stays.
        using Process held = Hold(bundle, "/proc/self/exe", "extract-layer");
        try
        {
            Await(bundle.RootFs + "/held");
        }
        finally
        {
            // The end of its input ends the process in the container as well.
            held.StandardInput.Close();
            if (!held.WaitForExit(20_000)) held.Kill();
            held.WaitForExit();
        }

        // It was the runtime's own file that was tried.
        Assert.Equal(Convert.ToHexStringLower(before), File.ReadAllText(bundle.RootFs + "/found").Trim());
        string[] during = File.ReadAllLines(bundle.RootFs + "/during");
        Assert.Equal(2, during.Length);
        Assert.All(during, l => Assert.Matches("Text file busy|Read-only file system|Operation not permitted", l));

        // Nothing executes it any more, so that only the mount or the seal holds: the machine could write to it.
        File.WriteAllText(bundle.RootFs + "/ended", "");
        Await(bundle.RootFs + "/tried");
        using (File.OpenWrite(runtime))
        {
            string[] after = File.ReadAllLines(bundle.RootFs + "/after");
            Assert.Equal(2, after.Length);
            Assert.All(after, l => Assert.Matches("Read-only file system|Operation not permitted", l));
        }

        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(runtime)));
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
                # In a shell of its own, which ends when there is nothing to hold any more.
                (exec 9<$p/exe; echo overwritten > /proc/self/fd/9 && echo written >> /written) 2>>/errors
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

        GiveLibraries(bundle);
        bundle.StartDetached();
        // It was the runtime that ran: it does not know such a verb or option.
        for (int i = 0; i < 20; i++)
        {
            OciBundle.Output output = bundle.Exec("true");
            Assert.True((output.Out + output.Error).Contains("--help", StringComparison.Ordinal), $"exit {output.ExitCode}: {output.Out}{output.Error}");
        }

        // busybox's own file is the container's to write, the runtime's is not.
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(bundle.Runtime)));
    }

    /// <summary>An attacker's image has what the runtime's file needs to be executed in it.</summary>
    private static void GiveLibraries(OciBundle bundle)
    {
        foreach (string word in OciBundle.Start("ldd", [bundle.Runtime]).Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (word[0] != '/') continue;
            Directory.CreateDirectory(Path.GetDirectoryName(bundle.RootFs + word)!);
            File.Copy(word, bundle.RootFs + word);
        }
    }

    private static void Await(string file) =>
        Assert.True(SpinWait.SpinUntil(() => File.Exists(file), TimeSpan.FromSeconds(60)), $"{file} was never made.");

    private static Process Hold(OciBundle bundle, params string[] command)
    {
        var info = new ProcessStartInfo(bundle.Runtime, ["--root", Path.Combine(bundle.Root, "state"), "exec", bundle.Id, .. command])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return Process.Start(info)!;
    }
}
