using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace DockerPS.Integration.Runtime;

/// <summary>linux.namespaces of a bundle: new, joined by path and shared, with what belongs to user and time namespaces.</summary>
public sealed class NamespaceTests : IDisposable
{
    private const string Busybox = "/bin/busybox";
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-namespaces-").FullName;

    public NamespaceTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "SKIPPED: needs root.");
        Assert.SkipUnless(File.Exists(Busybox), "SKIPPED: needs Debian's package busybox-static.");
        foreach (string name in (string[])["bin", "proc", "dev", "tmp"]) Directory.CreateDirectory(Path.Combine(_directory, "rootfs", name));
        File.Copy(Busybox, Path.Combine(_directory, "rootfs/bin/busybox"));
        File.CreateSymbolicLink(Path.Combine(_directory, "rootfs/bin/sh"), "busybox");
    }

    public void Dispose()
    {
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void The_clocks_of_a_time_namespace_are_offset()
    {
        JsonObject config = Config("cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime");
        Namespaces(config).Add(Namespace("time"));
        config["linux"]!["timeOffsets"] = new JsonObject
        {
            ["monotonic"] = new JsonObject { ["secs"] = 5000, ["nanosecs"] = 7 }, ["boottime"] = new JsonObject { ["secs"] = 1_000_000 },
        };
        string[] lines = Run(config).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["monotonic", "5000", "7"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["boottime", "1000000", "0"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(long.Parse(lines[2]) > 1_000_000);
    }

    [Fact]
    public void What_is_not_named_is_shared_with_the_host()
    {
        JsonObject config = Config("for n in uts net user; do readlink /proc/self/ns/$n; done", "pid", "mount");
        Assert.Equal($"{Own("uts")}\n{Own("net")}\n{Own("user")}\n", Run(config));
    }

    [Fact]
    public void Several_ranges_of_ids_and_a_process_in_the_second()
    {
        JsonObject config = Config("id -u; id -g; cat /proc/self/uid_map");
        Namespaces(config).Add(Namespace("user"));
        config["linux"]!["uidMappings"] = new JsonArray(Mapping(0, 1_900_000_000, 10), Mapping(10, 1_950_000_000, 10));
        config["linux"]!["gidMappings"] = new JsonArray(Mapping(0, 1_900_000_000, 10));
        config["process"]!["user"] = new JsonObject { ["uid"] = 12, ["gid"] = 3 };
        string[] lines = Run(config).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["12", "3"], lines[..2]);
        Assert.Equal(["10", "1950000000", "10"], lines[3].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Namespaces_of_another_process_are_joined_by_path_its_users_among_them()
    {
        using Process other = Process.Start(new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--net", "--uts", "sleep", "1000"]))!;
        try
        {
            Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{other.Id}/comm").StartsWith("sleep", StringComparison.Ordinal), TimeSpan.FromSeconds(20)));
            JsonObject config = Config("for n in user net uts; do readlink /proc/self/ns/$n; done; id -u", "pid", "mount", "ipc");
            foreach ((string type, string file) in (ReadOnlySpan<(string, string)>)[("network", "net"), ("uts", "uts"), ("user", "user")])
                Namespaces(config).Add(Namespace(type, $"/proc/{other.Id}/ns/{file}"));
            string[] names = ["user", "net", "uts"];
            string expected = string.Concat(names.Select(n => new FileInfo($"/proc/{other.Id}/ns/{n}").LinkTarget + "\n"));
            Assert.Equal(expected + "0\n", Run(config));
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }
    }

    [Theory]
    [InlineData("network", "/proc/self/ns/uts", "is a uts namespace, not a network namespace")]
    [InlineData("uts", "/etc/passwd", "is no namespace")]
    [InlineData("ipc", "/no/such/namespace", "ENOENT")]
    [InlineData("user", "/proc/self/ns/net", "is a network namespace, not a user namespace")]
    public void A_path_that_is_no_such_namespace_is_named(string type, string path, string expected)
    {
        JsonObject config = Config("true", "pid", "mount");
        Namespaces(config).Add(Namespace(type, path));
        string error = Fail(config);
        Assert.Contains("linux.namespaces[2].path", error);
        Assert.Contains(path, error);
        Assert.Contains(expected, error);
    }

    [Fact]
    public void Ranges_that_overlap_are_refused_before_anything_is_made()
    {
        JsonObject config = Config("true");
        Namespaces(config).Add(Namespace("user"));
        config["linux"]!["uidMappings"] = new JsonArray(Mapping(0, 100_000, 10), Mapping(5, 200_000, 10));
        config["linux"]!["gidMappings"] = new JsonArray(Mapping(0, 100_000, 10));
        Assert.Contains("uidMappings[1]", Refused(config));
    }

    private static string Own(string name) => new FileInfo("/proc/self/ns/" + name).LinkTarget!;

    private static JsonArray Namespaces(JsonObject config) => config["linux"]!["namespaces"]!.AsArray();

    private static JsonObject Namespace(string type, string? path = null) =>
        path is null ? new JsonObject { ["type"] = type } : new JsonObject { ["type"] = type, ["path"] = path };

    private static JsonObject Mapping(uint inside, uint outside, uint size) =>
        new() { ["containerID"] = inside, ["hostID"] = outside, ["size"] = size };

    private static JsonObject Config(string script, params string[] namespaces) => new()
    {
        ["ociVersion"] = "1.2.0",
        ["process"] = new JsonObject
        {
            ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
            ["args"] = new JsonArray("sh", "-c", "busybox --install -s /tmp; PATH=/tmp:/bin; " + script),
            ["env"] = new JsonArray("PATH=/bin"),
            ["cwd"] = "/",
        },
        ["root"] = new JsonObject { ["path"] = "rootfs" },
        ["mounts"] = new JsonArray(
            new JsonObject { ["destination"] = "/proc", ["type"] = "proc", ["source"] = "proc" },
            new JsonObject { ["destination"] = "/dev", ["type"] = "tmpfs", ["source"] = "tmpfs", ["options"] = new JsonArray("mode=755") },
            new JsonObject { ["destination"] = "/tmp", ["type"] = "tmpfs", ["source"] = "tmpfs", ["options"] = new JsonArray("mode=1777") }),
        ["linux"] = new JsonObject
        {
            ["namespaces"] = new JsonArray(
                [.. (namespaces.Length > 0 ? namespaces : ["pid", "mount", "ipc", "uts", "network"]).Select(n => (JsonNode)Namespace(n))]),
            ["cgroupsPath"] = "/dockerps-test/" + Guid.NewGuid().ToString("N"),
        },
    };

    /// <summary>What a container of the bundle writes.</summary>
    private string Run(JsonObject config)
    {
        JsonElement state = Supervise(config);
        Assert.True(state.GetProperty("status").GetString() == "exited", state.ToString());
        var output = new System.Text.StringBuilder();
        foreach (string line in File.ReadLines(Path.Combine(_directory, "log.jsonl")))
            output.Append(JsonDocument.Parse(line).RootElement.GetProperty("log").GetString());
        Assert.True(state.GetProperty("exitCode").GetInt32() == 0, output.ToString());
        return output.ToString();
    }

    /// <summary>Why none could be made.</summary>
    private string Fail(JsonObject config)
    {
        JsonElement state = Supervise(config);
        Assert.Equal("failed", state.GetProperty("status").GetString());
        return state.GetProperty("failure").GetProperty("text").GetString()!;
    }

    /// <summary>Why it was not even begun: nothing says that there is anything to clean up.</summary>
    private string Refused(JsonObject config)
    {
        string said = Start(config);
        Assert.False(File.Exists(Path.Combine(_directory, "state.json")));
        return said;
    }

    private JsonElement Supervise(JsonObject config)
    {
        Start(config);
        return JsonDocument.Parse(File.ReadAllText(Path.Combine(_directory, "state.json"))).RootElement;
    }

    /// <summary>Until its end; what it said on the message channel.</summary>
    private string Start(JsonObject config)
    {
        File.WriteAllText(Path.Combine(_directory, "config.json"), config.ToJsonString());
        string run = Path.Combine(_directory, "run");
        Directory.CreateDirectory(run);
        var surroundings = new JsonObject
        {
            ["id"] = "test", ["name"] = "test", ["runDirectory"] = run, ["logPath"] = Path.Combine(_directory, "log.jsonl"), ["attached"] = true,
        };
        File.WriteAllText(Path.Combine(_directory, "supervise.json"), surroundings.ToJsonString());
        using Process process = Process.Start(new ProcessStartInfo(RuntimeExecutable.Path, ["supervise", _directory])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        process.StandardInput.Close();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said;
    }
}
