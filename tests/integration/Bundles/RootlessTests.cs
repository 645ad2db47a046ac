using System.Text.Json.Nodes;
using Xunit;

namespace DockerPS.Integration.Bundles;

/// <summary>Containers of a user without any right of root's.</summary>
public sealed class RootlessTests
{
    private const string User = "54321";

    [Fact]
    public void A_plain_user_makes_a_bundle_and_runs_commands_and_deletes_a_container()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "SKIPPED: setpriv is not installed (Debian's package util-linux).");
        using var bundle = new OciBundle();
        string runtime = Path.Combine(bundle.Root, "runtime");
        File.Copy(bundle.Runtime, runtime);
        bundle.Runtime = runtime;
        bundle.MakeDirectory("run");
        Assert.Equal(0, OciBundle.Start("chown", ["-R", $"{User}:{User}", bundle.Root]).ExitCode);
        OciBundle.SetMode(bundle.Root, "755");
        OciBundle.Output spec = As(bundle, "spec", "--rootless");
        Assert.True(spec.ExitCode == 0, spec.Error);
        string file = Path.Combine(bundle.Root, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        config["process"]!["terminal"] = false;
        config["process"]!["args"] = new JsonArray("sh", "-c", "id -u; hostname; cat /proc/self/uid_map; exec sleep 1000");
        config["hostname"] = "rootless";
        config["root"]!["readonly"] = false;
        File.WriteAllText(file, config.ToJsonString());
        using var end = new AtEnd(() => As(bundle, "delete", "--force", bundle.Id));
        OciBundle.Output run = OciBundle.Start(
            "sh", ["-c", "exec \"$@\" >output 2>&1", "sh", "setpriv", .. Words(bundle), "run", "--detach", bundle.Id], bundle.Root);
        string output = File.ReadAllText(Path.Combine(bundle.Root, "output"));
        Assert.True(run.ExitCode == 0, output);
        OciBundle.Output exec = As(bundle, "exec", bundle.Id, "sh", "-c", "id -u; touch /made && echo made");
        Assert.Equal((0, "0\nmade\n", ""), (exec.ExitCode, exec.Out, exec.Error));
        // It is detached, and writes when it comes to it.
        string[] words = [];
        SpinWait.SpinUntil(() => (words = File.ReadAllText(Path.Combine(bundle.Root, "output")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Length >= 5,
            TimeSpan.FromSeconds(20));
        Assert.Equal(["0", "rootless", "0", User, "1"], words);
        Assert.Equal(User, OciBundle.Start("stat", ["-c", "%u", bundle.RootFs + "/made"]).Out.Trim());
        Assert.Equal("running", JsonNode.Parse(As(bundle, "state", bundle.Id).Out)!["status"]!.GetValue<string>());
        Assert.Equal(0, As(bundle, "kill", "--all", bundle.Id, "KILL").ExitCode);
        Assert.True(SpinWait.SpinUntil(() => As(bundle, "delete", bundle.Id).ExitCode == 0, TimeSpan.FromSeconds(20)));
        Assert.Contains("does not exist", As(bundle, "state", bundle.Id).Error);
    }

    [Fact]
    public void A_plain_user_who_asks_for_limits_is_told_that_they_cannot_be_had()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "SKIPPED: setpriv is not installed (Debian's package util-linux).");
        using var bundle = new OciBundle();
        string runtime = Path.Combine(bundle.Root, "runtime");
        File.Copy(bundle.Runtime, runtime);
        bundle.Runtime = runtime;
        bundle.MakeDirectory("run");
        Assert.Equal(0, OciBundle.Start("chown", ["-R", $"{User}:{User}", bundle.Root]).ExitCode);
        OciBundle.SetMode(bundle.Root, "755");
        As(bundle, "spec", "--rootless");
        string file = Path.Combine(bundle.Root, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        config["process"]!["terminal"] = false;
        config["linux"]!["resources"] = JsonNode.Parse("""{ "pids": { "limit": 50 } }""");
        File.WriteAllText(file, config.ToJsonString());
        OciBundle.Output run = As(bundle, "run", bundle.Id);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("linux.cgroupsPath", run.Error);
        Assert.Contains("does not exist", As(bundle, "state", bundle.Id).Error);
    }

    private sealed class AtEnd(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    private static OciBundle.Output As(OciBundle bundle, params string[] arguments) =>
        OciBundle.Start("setpriv", [.. Words(bundle), .. arguments], bundle.Root);

    private static string[] Words(OciBundle bundle) =>
    [
        "--reuid", User, "--regid", User, "--clear-groups", "env", "XDG_RUNTIME_DIR=" + Path.Combine(bundle.Root, "run"), bundle.Runtime,
    ];
}
