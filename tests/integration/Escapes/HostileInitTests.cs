using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using DockerPS.Integration.Bundles;
using DockerPS.Linux;
using Xunit;

namespace DockerPS.Integration.Escapes;

/// <summary>Entering a container whose first process waits for whoever enters, and signalling one whose pid belongs to another by now.</summary>
public sealed class HostileInitTests
{
    [Fact]
    public void A_process_that_enters_shows_nothing_of_the_host_before_it_executes()
    {
        // The first process looks at each new one as fast as it can: its descriptors, its root, its memory map, its file.
        using var bundle = new OciBundle(
            """
            while :; do
              for p in /proc/[0-9]*; do
                [ $p = /proc/1 ] && continue
                ls -l $p/fd $p/map_files; readlink $p/root $p/cwd $p/exe; cat $p/environ $p/maps
                cat $p/root/etc/only-on-the-host
              done 2>/dev/null | grep -aE 'pidfd|socket:|/state/|cgroup|runtime|marker|/ns/|ns:\[' >> /seen
              echo round >> /rounds
            done
            """);
        bundle.StartDetached();
        Environment.SetEnvironmentVariable("DOCKERPS_TEST_MARKER", "marker-of-the-host");
        try
        {
            for (int i = 0; i < 100; i++) Assert.Equal("entered\n", bundle.Exec("echo entered").Out);
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOCKERPS_TEST_MARKER", null);
        }

        Assert.True(File.ReadAllLines(bundle.RootFs + "/rounds").Length > 20, "The first process did not look often enough.");
        Assert.Equal("", File.Exists(bundle.RootFs + "/seen") ? File.ReadAllText(bundle.RootFs + "/seen") : "");
    }

    [Fact]
    public void A_signal_goes_to_no_process_that_was_given_the_pid_again()
    {
        using var bundle = new OciBundle("sleep 1000");
        bundle.StartDetached();
        string state = Path.Combine(bundle.Root, "state", bundle.Id, "state.json");
        string before = File.ReadAllText(state);
        string pid = Regex.Match(bundle.Verb(["state", bundle.Id], write: false).Out, "\"pid\":\\s*(\\d+)").Groups[1].Value;
        Assert.NotEqual("", pid);
        ulong? begun = ProcStat.StartTime(int.Parse(pid, CultureInfo.InvariantCulture));
        // A number cannot be given again within the clock tick in which its first process began, so neither does the bystander.
        Process bystander = Process.Start("sleep", "1000");
        while (ProcStat.StartTime(bystander.Id) == begun)
        {
            bystander.Kill();
            bystander.Dispose();
            bystander = Process.Start("sleep", "1000");
        }

        try
        {
            // As if the container's process had ended and its number been given to the bystander.
            File.WriteAllText(state, Regex.Replace(before, $"\\b{pid}\\b", bystander.Id.ToString(CultureInfo.InvariantCulture)));
            Assert.NotEqual(0, bundle.Verb(["kill", bundle.Id, "KILL"], write: false).ExitCode);
            Assert.NotEqual(0, bundle.Exec("true").ExitCode);
            Assert.False(bystander.WaitForExit(200));
        }
        finally
        {
            File.WriteAllText(state, before);
            bystander.Kill();
            bystander.Dispose();
        }
    }
}
