using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Units.Bundle;

/// <summary>What is read and written by hand is the same JSON that the serializer reads and writes.</summary>
public class BundleFilesTests
{
    private const string Config = """
        {"ociVersion":"1.2.0","process":{"terminal":true,"consoleSize":{"height":24,"width":80},
        "user":{"uid":1,"gid":2,"umask":18,"additionalGids":[3,4],"username":"u"},"args":["sh","-c","x"],"env":["A=b"],"cwd":"/w",
        "capabilities":{"bounding":["CAP_KILL"],"effective":[],"inheritable":[],"permitted":["CAP_KILL"],"ambient":[]},
        "rlimits":[{"type":"RLIMIT_NOFILE","soft":1,"hard":18446744073709551615}],"noNewPrivileges":true,"apparmorProfile":"a",
        "selinuxLabel":"s","oomScoreAdj":-5,"scheduler":{"policy":"SCHED_DEADLINE","nice":-1,"priority":2,"flags":["SCHED_FLAG_RECLAIM"],
        "runtime":1,"deadline":2,"period":3},"ioPriority":{"class":"IOPRIO_CLASS_BE","priority":4},"execCPUAffinity":{"initial":"0","final":"1-2"}},"root":{"path":"rootfs","readonly":true},"hostname":"h","domainname":"d",
        "mounts":[{"destination":"/p","type":"proc","source":"proc","options":["nosuid"],
        "uidMappings":[{"containerID":1,"hostID":2,"size":3}],"gidMappings":[{"containerID":4,"hostID":5,"size":6}]}],
        "hooks":{"prestart":[{"path":"/h","args":["h"],"env":["E=1"],"timeout":3}],"createRuntime":[{"path":"/1"}],
        "createContainer":[{"path":"/2"}],"startContainer":[{"path":"/3"}],"poststart":[{"path":"/4"}],"poststop":[{"path":"/5"}]},"annotations":{"k":"v"},
        "linux":{"namespaces":[{"type":"pid"},{"type":"network","path":"/n"}],"uidMappings":[{"containerID":0,"hostID":1000,"size":10}],
        "gidMappings":[{"containerID":0,"hostID":1001,"size":11}],"timeOffsets":{"monotonic":{"secs":-7,"nanosecs":8},"boottime":{}},
        "netDevices":{"eth0":{"name":"in0"},"eth1":{}},
        "devices":[{"type":"c","path":"/dev/x","major":1,"minor":2,"fileMode":438,"uid":0,"gid":5}],"cgroupsPath":"/c",
        "resources":{"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":3,"access":"r"}],
        "memory":{"limit":-1,"reservation":2,"swap":3,"swappiness":60,"disableOOMKiller":false,"kernel":4,"kernelTCP":5,
        "useHierarchy":true,"checkBeforeUpdate":true},
        "cpu":{"shares":1024,"quota":-1,"period":100000,"cpus":"0-1","mems":"0","idle":1,"burst":5,"realtimeRuntime":6,"realtimePeriod":7},"pids":{"limit":7},
        "blockIO":{"weight":500,"leafWeight":300,"weightDevice":[{"major":8,"minor":0,"weight":10,"leafWeight":11}],
        "throttleReadBpsDevice":[{"major":8,"minor":0,"rate":9}],"throttleWriteBpsDevice":[{"major":8,"minor":1,"rate":10}],
        "throttleReadIOPSDevice":[{"major":8,"minor":2,"rate":11}],"throttleWriteIOPSDevice":[{"major":8,"minor":3,"rate":12}]},
        "hugepageLimits":[{"pageSize":"2MB","limit":4}],"unified":{"memory.high":"1"},
        "network":{"classID":1048577,"priorities":[{"name":"eth0","priority":500}]},"rdma":{"mlx5_1":{"hcaHandles":3,"hcaObjects":4}}},
        "rootfsPropagation":"rslave","sysctl":{"net.a":"1"},"maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"],"mountLabel":"l",
        "seccomp":{"defaultAction":"SCMP_ACT_ALLOW"},"intelRdt":{"closID":"g","schemata":["L3:0=f"],"l3CacheSchema":"L3:0=f",
        "memBwSchema":"MB:0=20","enableMonitoring":true},"memoryPolicy":{"mode":"MPOL_BIND","nodes":"0","flags":["MPOL_F_STATIC_NODES"]},
        "personality":{"domain":"LINUX32","flags":[]}}}
        """;

    [Fact]
    public void A_config_is_read_as_the_serializer_reads_it()
    {
        RuntimeConfig byHand = RuntimeConfigReader.Read(Encoding.UTF8.GetBytes(Config));
        RuntimeConfig bySerializer = JsonSerializer.Deserialize(Config, RuntimeConfigJson.Default.RuntimeConfig)!;
        string text = JsonSerializer.Serialize(byHand, RuntimeConfigJson.Default.RuntimeConfig);
        Assert.Equal(JsonSerializer.Serialize(bySerializer, RuntimeConfigJson.Default.RuntimeConfig), text);
        Assert.Equal(JsonSerializer.Serialize(bySerializer, RuntimeConfigJson.Default.RuntimeConfig), text);
        Assert.Empty(Lost(JsonNode.Parse(Config), JsonNode.Parse(text), "$"));
    }

    /// <summary>Paths of what is in one text and not, or with another value, in the other.</summary>
    private static IEnumerable<string> Lost(JsonNode? asked, JsonNode? got, string path)
    {
        if (asked is JsonObject members)
            return members.SelectMany(m => Lost(m.Value, (got as JsonObject)?[m.Key], path + "." + m.Key));
        if (asked is JsonArray items && got is JsonArray others && items.Count == others.Count)
            return items.SelectMany((item, i) => Lost(item, others[i], $"{path}[{i}]"));
        return JsonNode.DeepEquals(asked, got) ? [] : [path];
    }

    [Theory]
    [InlineData("""{"process":{"args":"sh"}}""", "$.process.args")]
    [InlineData("""{"mounts":[{"destination":"/a"},{"type":"proc"}]}""", "$.mounts[1].destination")]
    [InlineData("""{"linux":{"resources":{"memory":{"limit":"1"}}}}""", "$.linux.resources.memory.limit")]
    [InlineData("""{"process":{"user":{"uid":4294967296}}}""", "$.process.user.uid")]
    [InlineData("""[]""", "$")]
    public void A_member_of_the_wrong_type_is_named_by_its_path(string json, string path)
    {
        JsonException e = Assert.Throws<JsonException>(() => RuntimeConfigReader.Read(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(path, e.Path);
    }

    private static SuperviseFault Fault => new()
    {
        Network = "front", Kind = "loss", Value = 1L << 40, Jitter = 3, Peers = ["web"], PeerAddresses = ["::1", "10.0.0.0/8"], Duration = 9, Until = DateTimeOffset.UnixEpoch.AddDays(1),
    };

    [Fact]
    public void A_control_request_is_read_with_all_its_members()
    {
        var network = new SuperviseNetwork
        {
            Name = "front", Driver = "bridge", Link = "br0", LinkMacAddress = "02:42:00:00:00:01", Vlan = 7, Mode = "vepa", Mtu = 1400, LinkAddresses = ["10.0.0.1/24"],
            Addresses = ["10.0.0.2/24"], MacAddress = "02:42:00:00:00:02", Interface = "eth1", NamesDirectory = "/run/n", Names = ["web"], HostInterface = "dpv0", Gateways = ["10.0.0.1"], Internal = true,
            Isolated = false,
        };
        var request = new ControlRequest { Verb = "stop", Signal = 15, Timeout = 1000, KeepLayer = true, Rows = 24, Columns = 80, Network = network, NameServers = ["10.0.0.53"], Name = "a", NewName = "b", Port = new SupervisePort { HostAddress = "10.0.0.1", HostPort = 8080, Port = 80, Udp = true }, Faults = [Fault] };
        string text = JsonSerializer.Serialize(request, BundleJson.Default.ControlRequest);
        // One that is added must be set above, and then be read.
        Assert.Equal(typeof(ControlRequest).GetProperties().Length, JsonNode.Parse(text)!.AsObject().Count(m => m.Value!.ToJsonString() is not ("0" or "false")));
        Assert.Equal(text, JsonSerializer.Serialize(BundleFiles.ReadControlRequest(Encoding.UTF8.GetBytes(text)), BundleJson.Default.ControlRequest));
    }

    [Fact]
    public void A_state_is_written_and_read_as_the_serializer_does_it()
    {
        var state = new SupervisedState
        {
            Id = "a",
            Status = "exited",
            BootId = "b",
            Supervisor = new ProcessIdentity { Pid = 1, StartTime = ulong.MaxValue },
            Init = new ProcessIdentity { Pid = 2, StartTime = 3 },
            StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
            FinishedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero),
            ExitCode = 137,
            OomKilled = true,
            Failure = new RuntimeFailure { Stage = "Exec", Call = "execve(\"x\")", Errno = 2, Text = "no\n", ExitCode = 127 },
            Cgroups = ["/c/1", "/c/2"],
            Faults = [Fault],
        };
        string expected = JsonSerializer.Serialize(state, BundleJson.Default.SupervisedState);
        string written = Encoding.UTF8.GetString(BundleFiles.Write(state).Span);
        Assert.Equal(Normal(expected), Normal(written));
        SupervisedState read = BundleFiles.ReadState(Encoding.UTF8.GetBytes(expected));
        Assert.Equal(expected, JsonSerializer.Serialize(read, BundleJson.Default.SupervisedState));
    }

    [Fact]
    public void What_surrounds_a_container_and_a_request_are_read_as_they_were_written()
    {
        var surroundings = new SuperviseConfig
        {
            Id = "a",
            Name = "n",
            RunDirectory = "/r",
            LowerDirectories = ["/l1", "/l2"],
            UpperDirectory = "/u",
            WorkDirectory = "/w",
            Volatile = true,
            LogPath = "/log",
            User = "bob",
            GroupAdd = ["g"],
            Devices = [new SuperviseDevice { Source = "/dev/a", Target = "/dev/b", Permissions = "r" }],
            AllDevices = true,
            OpenStdin = true,
            Attached = true,
            Init = true,
            StopSignal = 3,
            StopTimeout = -1,
            AutoRemove = true,
        };
        string text = JsonSerializer.Serialize(surroundings, BundleJson.Default.SuperviseConfig);
        SuperviseConfig read = BundleFiles.ReadSuperviseConfig(Encoding.UTF8.GetBytes(text));
        Assert.Equal(text, JsonSerializer.Serialize(read, BundleJson.Default.SuperviseConfig));

        var request = new ExecuteRequest
        {
            Process = new RuntimeProcess { Args = ["a"], Cwd = "/c" }, User = "u", GroupAdd = ["x"], OpenStdin = true, Detached = true,
        };
        text = JsonSerializer.Serialize(request, BundleJson.Default.ExecuteRequest);
        ExecuteRequest again = BundleFiles.ReadExecuteRequest(Encoding.UTF8.GetBytes(text));
        Assert.Equal(text, JsonSerializer.Serialize(again, BundleJson.Default.ExecuteRequest));
    }

    /// <summary>The same document without differences in escaping.</summary>
    private static string Normal(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);
}
