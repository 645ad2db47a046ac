using System.Text.Json.Nodes;
using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>ps, update and events as containerd's shim, dockerd and podman read and feed them.</summary>
public sealed class ResourceContractTests
{
    [Fact]
    public void Ps_prints_pids_of_the_host_as_a_json_array()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        JsonArray pids = JsonNode.Parse(bundle.Do("ps", "-f", "json", id))!.AsArray();
        Assert.Equal(bundle.Pid(id), Assert.Single(pids)!.GetValue<int>());
    }

    [Fact]
    public void Ps_as_a_table_is_the_hosts_ps_of_the_containers_processes()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ps") || File.Exists("/bin/ps"), "SKIPPED: ps is not installed (Debian's package procps).");
        using var bundle = new OciBundle("sleep", "996");
        string id = bundle.Create();
        string[] lines = bundle.Do("ps", id).TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains("PID", lines[0]);
        Assert.Contains("sleep 996", lines[1]);
    }

    [Fact]
    public void Update_reads_resources_from_standard_input()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        OciResult result = bundle.RunWithInput("""{ "memory": { "limit": 67108864 }, "pids": { "limit": 44 } }""", "update", "--resources", "-", id);
        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Equal("67108864", ReadFirst(bundle, "memory/{0}/memory.limit_in_bytes", "{0}/memory.max"));
        Assert.Equal("44", ReadFirst(bundle, "pids/{0}/pids.max", "{0}/pids.max"));
        // What is not named stays.
        bundle.RunWithInput("""{ "pids": { "limit": 55 } }""", "update", "-r", "-", id);
        Assert.Equal("67108864", ReadFirst(bundle, "memory/{0}/memory.limit_in_bytes", "{0}/memory.max"));
        Assert.Equal("55", ReadFirst(bundle, "pids/{0}/pids.max", "{0}/pids.max"));
    }

    [Fact]
    public void Update_takes_single_options_too()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        bundle.Do("update", "--memory", "33554432", "--pids-limit", "33", id);
        Assert.Equal("33554432", ReadFirst(bundle, "memory/{0}/memory.limit_in_bytes", "{0}/memory.max"));
        Assert.Equal("33", ReadFirst(bundle, "pids/{0}/pids.max", "{0}/pids.max"));
    }

    [Fact]
    public void Events_stats_prints_one_json_line()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        string[] lines = bundle.Do("events", "--stats", id).TrimEnd('\n').Split('\n');
        JsonObject line = JsonNode.Parse(Assert.Single(lines))!.AsObject();
        Assert.Equal(("stats", id), (line["type"]!.GetValue<string>(), line["id"]!.GetValue<string>()));
        JsonObject data = line["data"]!.AsObject();
        Assert.True(data["memory"]!["usage"]!["usage"]!.GetValue<long>() > 0);
        Assert.Equal(1, data["pids"]!["current"]!.GetValue<int>());
        Assert.True(data["cpu"]!["usage"]!["total"]!.GetValue<long>() > 0);
    }

    /// <summary>Of a host with cgroups v1, v2 beside them, or v2 alone.</summary>
    private static string ReadFirst(OciBundle bundle, params string[] files)
    {
        string group = bundle.Linux["cgroupsPath"]!.GetValue<string>().TrimStart('/');
        string? found = files.Select(f => "/sys/fs/cgroup/" + string.Format(System.Globalization.CultureInfo.InvariantCulture, f, group)).FirstOrDefault(File.Exists);
        Assert.True(found is not null, "The container has none of " + string.Join(", ", files));
        return File.ReadAllText(found).TrimEnd('\n');
    }
}
