using System.Text.Json.Nodes;
using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>What is wrong is named with its place, and nothing of the attempt is left.</summary>
public sealed class BadInputTests
{
    /// <param name="path">Of the value, with slashes; the last part may be new.</param>
    /// <param name="value">As JSON.</param>
    /// <param name="words">Of the message.</param>
    [Theory]
    [InlineData("root/path", "\"nowhere\"", "$.root.path: ")]
    [InlineData("process/capabilities/bounding", "[\"CAP_TYPO\"]", "$.process.capabilities.bounding[0]: 'CAP_TYPO'")]
    [InlineData("process/rlimits", """[{"type":"RLIMIT_TYPO","soft":1,"hard":1}]""", "$.process.rlimits[0].type: 'RLIMIT_TYPO'")]
    [InlineData("process/user", """{"uid":-1,"gid":0}""", "$.process.user.uid: ")]
    [InlineData("process/oomScoreAdj", "1001", "$.process.oomScoreAdj: ")]
    [InlineData("linux/cgroupsPath", "\"/../../etc\"", "$.linux.cgroupsPath: '/../../etc'")]
    [InlineData("linux/resources/cpu", """{"cpus":"777"}""", "linux.resources.cpu.cpus: ")]
    [InlineData("linux/namespaces/0/path", "\"/no/such/namespace\"", "$.linux.namespaces[0].path: ")]
    [InlineData("linux/namespaces/0/type", "\"typo\"", "$.linux.namespaces[0].type: 'typo'")]
    [InlineData("linux/sysctl", """{"net.no.such":"1"}""", "$.linux.sysctl: ")]
    [InlineData("linux/seccomp", """{"defaultAction":"SCMP_ACT_TYPO"}""", "$.linux.seccomp.defaultAction: 'SCMP_ACT_TYPO'")]
    [InlineData("linux/intelRdt", """{"closID":"x"}""", "$.linux.intelRdt: ")]
    [InlineData("mounts/0", """{"destination":"/x","type":"nosuchfs","source":"x"}""", "$.mounts[0]: mount(nosuchfs")]
    [InlineData("mounts/4", """{"destination":"/x","type":"bind","source":"/no/such","options":["bind"]}""", "$.mounts[4].source: ")]
    [InlineData("hooks", """{"prestart":[{"path":"/bin/false"}]}""", "$.hooks.prestart[0]: the hook '/bin/false' failed")]
    [InlineData("hooks", """{"createRuntime":[{"path":"/bin/sleep","args":["sleep","993"],"timeout":1}]}""", "$.hooks.createRuntime[0]: the hook '/bin/sleep' took longer")]
    [InlineData("hooks", """{"createContainer":[{"path":"/no/such"}]}""", "$.hooks.createContainer[0]: the hook '/no/such' cannot be run")]
    [InlineData("hooks", """{"startContainer":[{"path":"/etc/plain"}]}""", "$.hooks.startContainer[0]: the hook '/etc/plain' cannot be run")]
    public void A_wrong_value_is_named_and_everything_undone(string path, string value, string words)
    {
        using var bundle = new OciBundle();
        Set(bundle.Config, path.Split('/'), JsonNode.Parse(value));
        bundle.Write();
        string id = bundle.NewId();
        OciResult result = bundle.Run("run", "--detach", "--bundle", bundle.Path, id);
        Assert.Equal(1, result.Code);
        Assert.Contains(words, result.Error);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
        AssertGone(bundle, id);
    }

    [Fact]
    public void A_bundle_without_a_config_or_with_half_of_one_is_named()
    {
        using var bundle = new OciBundle();
        File.WriteAllText(bundle.In("config.json"), "{\n\"ociVersion\": ");
        OciResult half = bundle.Run("create", "--bundle", bundle.Path, bundle.NewId());
        Assert.Equal((1, true), (half.Code, half.Error.Contains("config.json: is no valid JSON: see line 2")));
        File.Delete(bundle.In("config.json"));
        OciResult none = bundle.Run("create", "--bundle", bundle.Path, bundle.NewId());
        Assert.Equal((1, true), (none.Code, none.Error.Contains(bundle.In("config.json"))));
        AssertGone(bundle, "");
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    public void An_id_that_could_be_a_path_is_refused(string id)
    {
        using var bundle = new OciBundle();
        foreach (string verb in (string[])["create", "run"])
        {
            OciResult result = bundle.Run(verb, "--bundle", bundle.Path, id);
            Assert.Equal(1, result.Code);
            Assert.Contains("invalid container ID format", result.Error);
        }

        AssertGone(bundle, "");
    }

    [Theory]
    [InlineData("poststart")]
    [InlineData("poststop")]
    public void A_hook_after_the_fact_that_fails_or_hangs_is_a_warning(string kind)
    {
        using var bundle = new OciBundle();
        bundle.Config["hooks"] = JsonNode.Parse(
            $$"""{"{{kind}}":[{"path":"/bin/false"},{"path":"/bin/sleep","args":["sleep","992"],"timeout":1},{"path":"/bin/touch","args":["touch","{{bundle.In("ran")}}"]}]}""");
        bundle.Write();
        string id = bundle.NewId();
        OciResult run = bundle.Run("run", "--detach", "--bundle", bundle.Path, id);
        Assert.Equal(0, run.Code);
        Assert.Equal("running", bundle.Status(id));
        OciResult delete = bundle.Run("delete", "--force", id);
        Assert.Equal(0, delete.Code);
        string told = run.Error + delete.Error;
        Assert.Contains($"$.hooks.{kind}[0]: the hook '/bin/false' failed with exit status 1", told);
        Assert.Contains($"$.hooks.{kind}[1]: the hook '/bin/sleep' took longer than its timeout of 1 s", told);
        Assert.True(File.Exists(bundle.In("ran")), "The hook behind those that failed was not run.");
        AssertGone(bundle, id);
    }

    [Fact]
    public void A_cgroup_that_cannot_be_made_is_named_and_leaves_no_other_behind()
    {
        using var bundle = new OciBundle();
        // The kernel takes no line break in a name.
        bundle.Linux["cgroupsPath"] = "/dockerps-tests/" + Path.GetFileName(bundle.Path) + "/a\nb";
        bundle.Write();
        string id = bundle.NewId();
        OciResult result = bundle.Run("create", "--bundle", bundle.Path, id);
        Assert.Equal(1, result.Code);
        Assert.Contains("linux.cgroupsPath", result.Error);
        AssertGone(bundle, id);
    }

    [Theory]
    [InlineData("created", "resume", "exec")]
    [InlineData("running", "start", "delete", "resume")]
    [InlineData("stopped", "start", "pause", "resume", "exec", "kill")]
    public void A_verb_in_the_wrong_state_fails_and_changes_nothing(string status, params string[] verbs)
    {
        using var bundle = new OciBundle();
        string id = bundle.Create(start: status != "created");
        if (status == "stopped")
        {
            bundle.Do("kill", id, "KILL");
            bundle.AwaitStatus(id, "stopped");
        }

        foreach (string verb in verbs.Where(v => status != "created" || v != "exec"))
        {
            OciResult result = verb == "exec" ? bundle.Run(verb, id, "true") : bundle.Run(verb, id);
            Assert.NotEqual(0, result.Code);
            Assert.Contains(id, result.Error);
            Assert.Equal(status, bundle.Status(id));
        }

        bundle.Do("delete", "--force", id);
        AssertGone(bundle, id);
    }

    [Theory]
    [InlineData("state.json", "")]
    [InlineData("state.json", "{\"id\": 7")]
    [InlineData("config.json", "nonsense")]
    public void Delete_by_force_cleans_up_though_the_state_is_damaged(string file, string text)
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        int pid = bundle.Pid(id);
        File.WriteAllText(Path.Combine(bundle.StateRoot, id, file), text);
        OciResult result = bundle.Run("delete", "--force", id);
        Assert.True(result.Code == 0, result.Error);
        Assert.False(Directory.Exists(Path.Combine(bundle.StateRoot, id)));
        Assert.True(SpinWait.SpinUntil(() => OciBundle.Gone(pid), TimeSpan.FromSeconds(20)));
        AssertGone(bundle, id);
    }

    /// <summary>Neither state nor cgroup.</summary>
    private static void AssertGone(OciBundle bundle, string id)
    {
        if (Directory.Exists(bundle.StateRoot)) Assert.Empty(Directory.GetFileSystemEntries(bundle.StateRoot));
        Assert.Equal("[]", bundle.Do("list", "--format", "json").Trim());
        if (id.Length > 0) Assert.Equal(1, bundle.Run("state", id).Code);
        string group = Path.GetFileName(bundle.Path);
        Assert.DoesNotContain(Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup"), d => Directory.Exists($"{d}/dockerps-tests/{group}"));
    }

    private static void Set(JsonNode node, ReadOnlySpan<string> path, JsonNode? value)
    {
        foreach (string part in path[..^1])
            node = node is JsonArray array ? array[int.Parse(part)]! : node[part] ?? throw new ArgumentException(part);
        if (node is not JsonArray items) node[path[^1]] = value;
        else if (int.Parse(path[^1]) is var index && index < items.Count) items[index] = value;
        else items.Add(value);
    }
}
