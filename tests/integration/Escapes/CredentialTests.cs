using DockerPS.Integration.Bundles;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Escapes;

/// <summary>Rights that a process of a container might keep from its starter: capabilities (CVE-2022-29162) and groups (CVE-2022-2990).</summary>
public sealed class CredentialTests
{
    private const string Sets = "grep -E '^(CapInh|CapAmb)' /proc/self/status | cut -f2";
    private const string Nothing = "0000000000000000\n0000000000000000\n";

    [Fact]
    public void Nothing_is_inheritable_or_ambient_in_run_and_exec_even_where_the_starter_has_it()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "SKIPPED: setpriv (util-linux) is not installed.");
        using var bundle = new OciBundle(Sets + "; sleep 1000");
        bundle.StartDetached();
        Assert.Equal(Nothing, bundle.Exec(Sets).Out);
        string[] starter = ["--inh-caps", "+kill,+chown", "--ambient-caps", "+kill,+chown", bundle.Runtime, "--root", bundle.Root + "/state"];
        OciBundle.Output exec = OciBundle.Start("setpriv", [.. starter, "exec", bundle.Id, "sh", "-c", Sets]);
        Assert.True(exec.ExitCode == 0, exec.Error);
        Assert.Equal(Nothing, exec.Out);
        using var second = new OciBundle(Sets);
        second.Verb(["--version"], write: true);
        OciBundle.Output run = OciBundle.Start("setpriv", [.. starter, "run", "--bundle", second.Root, second.Id]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Nothing, run.Out);
    }

    [Fact]
    public void Groups_of_the_starter_are_gone_and_those_of_the_user_are_exactly_the_ones_given()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "SKIPPED: setpriv (util-linux) is not installed.");
        using var bundle = new OciBundle("grep ^Groups /proc/self/status | cut -f2 | tr -s ' '; id -u; id -g");
        bundle.Config.Process!.User = new RuntimeUser { Uid = 1000, Gid = 1000, AdditionalGids = [7] };
        bundle.Verb(["--version"], write: true);
        OciBundle.Output run = OciBundle.Start(
            "setpriv",
            ["--groups", "4,5,27", bundle.Runtime, "--root", bundle.Root + "/state", "run", "--bundle", bundle.Root, bundle.Id]);
        Assert.Equal("7 \n1000\n1000\n", run.Out);
        using var running = new OciBundle("sleep 1000");
        running.StartDetached();
        OciBundle.Output exec = OciBundle.Start(
            "setpriv",
            ["--groups", "4,5,27", running.Runtime, "--root", running.Root + "/state", "exec", "--user", "1000:1000", running.Id,
                "sh", "-c", "grep ^Groups /proc/self/status | tr -d '\\t '"]);
        Assert.StartsWith("Groups:\n", exec.Out);
    }
}
