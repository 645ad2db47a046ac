using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>
/// A shim learns how a container ended because its first process becomes the shim's child when <c>create</c> has exited. Here perl is the
/// shim, as first process of a pid namespace: orphans become its children.
/// </summary>
public sealed class ReparentingTests
{
    private const string Perl = "/usr/bin/perl";

    [Fact]
    public void The_first_process_becomes_a_child_of_who_called_create_and_its_exit_code_arrives()
    {
        using var bundle = new OciBundle("sh", "-c", "exit 42");
        OciResult result = AsShim(bundle, """
            system(@runtime, "create", "--bundle", $bundle, "--pid-file", "$bundle/pid", $id) == 0 or die "create";
            my $pid = slurp("$bundle/pid");
            print "parent ", parent($pid), "\n";
            system(@runtime, "start", $id) == 0 or die "start";
            waitpid($pid, 0) == $pid or die "no child";
            print "code ", $? >> 8, "\n";
            system(@runtime, "delete", $id) == 0 or die "delete";
            """);
        Assert.Equal((0, "parent 1\ncode 42\n", ""), (result.Code, result.Out, result.Error));
    }

    [Fact]
    public void A_signal_that_ends_it_arrives_as_such()
    {
        using var bundle = new OciBundle();
        OciResult result = AsShim(bundle, """
            system(@runtime, "run", "--detach", "--bundle", $bundle, "--pid-file", "$bundle/pid", $id) == 0 or die "run";
            my $pid = slurp("$bundle/pid");
            system(@runtime, "kill", $id, "KILL") == 0 or die "kill";
            waitpid($pid, 0) == $pid or die "no child";
            print "signal ", $? & 127, "\n";
            """);
        Assert.Equal((0, "signal 9\n", ""), (result.Code, result.Out, result.Error));
    }

    [Fact]
    public void A_detached_exec_becomes_a_child_too()
    {
        using var bundle = new OciBundle();
        File.WriteAllText(bundle.In("process.json"), """
            { "args": [ "sh", "-c", "exit 7" ], "cwd": "/", "env": [ "PATH=/bin" ], "user": { "uid": 0, "gid": 0 } }
            """);
        OciResult result = AsShim(bundle, """
            system(@runtime, "run", "--detach", "--bundle", $bundle, $id) == 0 or die "run";
            system(@runtime, "exec", "--process", "$bundle/process.json", "--detach", "--pid-file", "$bundle/exec-pid", $id) == 0 or die "exec";
            my $pid = slurp("$bundle/exec-pid");
            print "parent ", parent($pid), "\n";
            waitpid($pid, 0) == $pid or die "no child";
            print "code ", $? >> 8, "\n";
            """);
        Assert.Equal((0, "parent 1\ncode 7\n", ""), (result.Code, result.Out, result.Error));
    }

    [Fact]
    public void Nothing_but_the_container_is_left_when_create_has_ended()
    {
        using var bundle = new OciBundle();
        OciResult result = AsShim(bundle, """
            system(@runtime, "create", "--bundle", $bundle, "--pid-file", "$bundle/pid", $id) == 0 or die "create";
            opendir(my $proc, "/proc"); my @pids = sort grep { /^\d+$/ } readdir($proc);
            print "@pids" eq join(" ", sort(1, slurp("$bundle/pid"))) ? "alone\n" : "also @pids\n";
            """);
        Assert.Equal((0, "alone\n", ""), (result.Code, result.Out, result.Error));
    }

    private static OciResult AsShim(OciBundle bundle, string body)
    {
        Assert.SkipUnless(File.Exists(Perl), "SKIPPED: perl is not installed (Debian's package perl-base).");
        // systemd cannot be told of processes by the numbers of another pid namespace.
        bundle.Linux["cgroupsPath"] = "/dockerps-tests/" + Path.GetFileName(bundle.Path);
        bundle.Write();
        // The container dies with the namespace; what else it has is deleted from outside.
        string script = """
            use strict; $| = 1; my ($bundle, $id, @runtime) = @ARGV;
            sub slurp { open(my $f, "<", $_[0]) or die "$_[0]: $!"; local $/; return <$f>; }
            sub parent { return slurp("/proc/$_[0]/status") =~ /^PPid:\s*(\d+)/m ? $1 : "none"; }
            $SIG{ALRM} = sub { die "timeout" }; alarm 40;
            """ + "\n" + body;
        return OciResult.Of(
            bundle.Path, "/usr/bin/unshare", "", "--pid", "--fork", "--kill-child", "--mount-proc", Perl, "-e", script,
            bundle.Path, bundle.NewId(), bundle.Runtime, "--root", bundle.StateRoot);
    }
}
