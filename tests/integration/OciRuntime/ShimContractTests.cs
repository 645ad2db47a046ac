using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>What containerd's shim, conmon and dockerd rely on when they drive a runtime: files, words and exit codes.</summary>
public sealed class ShimContractTests
{
    [Fact]
    public void The_pid_file_holds_the_bare_pid_of_the_state()
    {
        using var bundle = new OciBundle();
        string id = bundle.NewId();
        bundle.Do("create", "--bundle", bundle.Path, "--pid-file", bundle.In("pid"), id);
        string text = File.ReadAllText(bundle.In("pid"));
        Assert.Equal(bundle.Pid(id).ToString(CultureInfo.InvariantCulture), text);
        Assert.Equal("created", bundle.Status(id));
    }

    [Fact]
    public void A_container_goes_from_created_to_running_to_stopped_to_gone()
    {
        using var bundle = new OciBundle("sh", "-c", "echo from inside; exec sleep 1000");
        string id = bundle.NewId();
        OciResult created = bundle.Run("create", "--bundle", bundle.Path, id);
        Assert.Equal((0, "", ""), (created.Code, created.Out, created.Error));
        Assert.Equal("created", bundle.Status(id));
        bundle.Do("start", id);
        Assert.Equal("running", bundle.Status(id));
        bundle.Do("kill", id, "KILL");
        bundle.AwaitStatus(id, "stopped");
        Assert.Equal(0, bundle.State(id)["pid"]!.GetValue<int>());
        bundle.Do("delete", id);
        Assert.Contains("does not exist", bundle.Run("state", id).Error);
    }

    [Fact]
    public void A_failure_is_one_json_line_in_the_log_and_the_same_on_standard_error()
    {
        using var bundle = new OciBundle("nosuchprogram");
        OciResult result = bundle.Run("--log", bundle.In("log"), "--log-format", "json", "create", "--bundle", bundle.Path, bundle.NewId());
        Assert.Equal(1, result.Code);
        string[] lines = File.ReadAllLines(bundle.In("log"));
        JsonObject line = JsonNode.Parse(Assert.Single(lines))!.AsObject();
        Assert.Equal("error", line["level"]!.GetValue<string>());
        Assert.True(DateTimeOffset.TryParse(line["time"]!.GetValue<string>(), CultureInfo.InvariantCulture, out _));
        Assert.Contains(line["msg"]!.GetValue<string>(), result.Error);
    }

    [Fact]
    public void A_success_leaves_no_line_in_the_log()
    {
        using var bundle = new OciBundle("true");
        string log = bundle.In("log");
        bundle.Do("--log", log, "--log-format=json", "run", "--bundle", bundle.Path, bundle.NewId());
        Assert.Equal("", File.Exists(log) ? File.ReadAllText(log) : "");
    }

    [Fact]
    public void The_text_log_has_levels_and_quotes()
    {
        using var bundle = new OciBundle();
        bundle.Run("--log", bundle.In("log"), "state", "no-such-container");
        Assert.Matches("^time=\"[^\"]+\" level=error msg=\".*does not exist.*\"$", Assert.Single(File.ReadAllLines(bundle.In("log"))));
    }

    [Theory]
    [InlineData("nosuchprogram", "executable file not found in $PATH")]
    [InlineData("/no/such/program", "no such file or directory")]
    [InlineData("/etc/plain", "permission denied")]
    [InlineData("/etc", "permission denied")]
    public void A_program_that_cannot_be_executed_is_told_when_the_container_is_created(string program, string words)
    {
        using var bundle = new OciBundle(program);
        OciResult created = bundle.Run("create", "--bundle", bundle.Path, bundle.NewId());
        Assert.Equal(1, created.Code);
        // dockerd looks for the program's name beside the reason.
        Assert.Contains(program, created.Error);
        Assert.Contains(words, created.Error);
        Assert.Empty(Directory.GetFileSystemEntries(bundle.StateRoot));
        OciResult run = bundle.Run("run", "--bundle", bundle.Path, bundle.NewId());
        Assert.Equal((1, true), (run.Code, run.Error.Contains(words)));
    }

    [Theory]
    [InlineData("state")]
    [InlineData("start")]
    [InlineData("kill")]
    [InlineData("delete")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("ps")]
    [InlineData("update")]
    public void Every_verb_says_that_an_unknown_container_does_not_exist(string verb)
    {
        using var bundle = new OciBundle();
        OciResult result = bundle.Run(verb, "no-such-container");
        Assert.Equal((1, ""), (result.Code, result.Out));
        Assert.Contains("does not exist", result.Error);
    }

    [Fact]
    public void Deleting_an_unknown_container_by_force_is_no_error()
    {
        using var bundle = new OciBundle();
        Assert.Equal(0, bundle.Run("delete", "--force", "no-such-container").Code);
    }

    [Fact]
    public void Killing_a_stopped_container_says_that_it_is_not_running()
    {
        using var bundle = new OciBundle("true");
        string id = bundle.Create();
        bundle.AwaitStatus(id, "stopped");
        OciResult result = bundle.Run("kill", id, "9");
        Assert.Equal(1, result.Code);
        Assert.Contains("container not running", result.Error);
    }

    [Theory]
    [InlineData("9")]
    [InlineData("KILL")]
    [InlineData("SIGKILL")]
    [InlineData("kill")]
    public void Signals_have_numbers_and_names(string signal)
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        bundle.Do("kill", id, signal);
        bundle.AwaitStatus(id, "stopped");
    }

    [Fact]
    public void Kill_without_a_signal_sends_SIGTERM()
    {
        using var bundle = new OciBundle("sh", "-c", "trap 'touch /terminated; exit' TERM; touch /ready; while :; do sleep 0.02; done");
        string id = bundle.Create();
        Assert.True(SpinWait.SpinUntil(() => File.Exists(bundle.In("rootfs/ready")), TimeSpan.FromSeconds(20)));
        bundle.Do("kill", id);
        bundle.AwaitStatus(id, "stopped");
        Assert.True(File.Exists(bundle.In("rootfs/terminated")));
    }

    [Fact]
    public void Kill_all_ends_what_shares_the_hosts_pid_namespace()
    {
        // In the host's pid namespace the shell knows the numbers of the host.
        using var bundle = new OciBundle("sh", "-c", "sleep 998 & echo $! >/first; sleep 999 & echo $! >/second; touch /ready; wait");
        bundle.Linux["namespaces"]!.AsArray().RemoveAt(0);
        bundle.Write();
        string id = bundle.Create();
        Assert.True(SpinWait.SpinUntil(() => File.Exists(bundle.In("rootfs/ready")), TimeSpan.FromSeconds(20)));
        int[] pids = [bundle.Pid(id), .. ((string[])["first", "second"]).Select(n => int.Parse(File.ReadAllText(bundle.In("rootfs/" + n)), CultureInfo.InvariantCulture))];
        Assert.DoesNotContain(pids, OciBundle.Gone);
        bundle.Do("kill", "--all", id, "KILL");
        Assert.True(SpinWait.SpinUntil(() => pids.All(OciBundle.Gone), TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_running_container_is_deleted_by_force_only()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        int pid = bundle.Pid(id);
        OciResult refused = bundle.Run("delete", id);
        Assert.Equal(1, refused.Code);
        Assert.Contains("not stopped", refused.Error);
        Assert.Equal("running", bundle.Status(id));
        bundle.Do("delete", "--force", id);
        Assert.True(OciBundle.Gone(pid));
    }

    [Fact]
    public void An_id_that_is_taken_is_refused_and_its_container_left_alone()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        OciResult result = bundle.Run("create", "--bundle", bundle.Path, id);
        Assert.Equal(1, result.Code);
        Assert.Contains(id, result.Error);
        Assert.Equal("running", bundle.Status(id));
    }

    [Fact]
    public void List_has_the_fields_of_containers_in_json_and_ids_alone_with_quiet()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        JsonObject item = JsonNode.Parse(bundle.Do("list", "--format", "json"))!.AsArray().Single()!.AsObject();
        Assert.Equal(
            (id, "running", bundle.Pid(id), bundle.Path),
            (item["id"]!.GetValue<string>(), item["status"]!.GetValue<string>(), item["pid"]!.GetValue<int>(), item["bundle"]!.GetValue<string>()));
        Assert.True(DateTimeOffset.TryParse(item["created"]!.GetValue<string>(), CultureInfo.InvariantCulture, out _));
        Assert.Equal(id + "\n", bundle.Do("list", "-q"));
    }

    [Fact]
    public void The_version_has_the_lines_that_dockerd_reads()
    {
        using var bundle = new OciBundle();
        string[] lines = bundle.Do("--version").Split('\n');
        Assert.Matches(@"^dockerps-runtime version \d+\.\d+", lines[0]);
        Assert.Contains(lines, l => l.StartsWith("spec: 1.", StringComparison.Ordinal));
    }
}
