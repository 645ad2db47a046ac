using System.Text.Json.Nodes;
using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>
/// An OCI bundle of busybox in a temporary directory, with a state directory of its own, and the runtime's command line over both.
/// Disposing deletes by force each container that was named, then the directories.
/// </summary>
internal sealed class OciBundle : IDisposable
{
    private readonly List<string> _ids = [];

    public OciBundle(params string[] command)
    {
        Runtime = RuntimeExecutable.Path;
        Path = Directory.CreateTempSubdirectory("dockerps-oci-").FullName;
        StateRoot = In("state");
        BusyboxRoot.Write(RootFileSystem);
        Config = DefaultConfig(command.Length > 0 ? command : ["sleep", "1000"]);
        Write();
    }

    /// <summary>The executable under test.</summary>
    public string Runtime { get; }

    public string Path { get; }

    public string StateRoot { get; }

    public string RootFileSystem => In("rootfs");

    /// <summary>What <see cref="Write"/> writes; a test changes it first.</summary>
    public JsonObject Config { get; }

    public JsonObject Process => Config["process"]!.AsObject();

    public JsonObject Linux => Config["linux"]!.AsObject();

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Write() => File.WriteAllText(In("config.json"), Config.ToJsonString());

    public void Command(params string[] command)
    {
        Process["args"] = new JsonArray([.. command.Select(c => (JsonNode)c)]);
        Write();
    }

    /// <summary>A new id, which is deleted by force in the end.</summary>
    public string NewId()
    {
        string id = "t-" + Guid.NewGuid().ToString("N")[..12];
        _ids.Add(id);
        return id;
    }

    /// <summary>Runs a verb to its end, with --root; standard streams are files, as processes of a container may keep them.</summary>
    public OciResult Run(params string[] arguments) => RunWithInput("", arguments);

    public OciResult RunWithInput(string input, params string[] arguments) =>
        OciResult.Of(Path, Runtime, input, ["--root", StateRoot, .. CgroupManager.Options, .. arguments]);

    /// <summary>Runs a verb that must succeed; what it wrote.</summary>
    public string Do(params string[] arguments)
    {
        OciResult result = Run(arguments);
        Assert.True(result.Code == 0, $"'{string.Join(' ', arguments)}' ended with {result.Code}: {result.Error}{result.Out}");
        return result.Out;
    }

    /// <summary>A container that runs, or waits for its start.</summary>
    public string Create(bool start = true)
    {
        string id = NewId();
        Do("create", "--bundle", Path, id);
        if (start) Do("start", id);
        return id;
    }

    public JsonObject State(string id) => JsonNode.Parse(Do("state", id))!.AsObject();

    public string Status(string id) => State(id)["status"]!.GetValue<string>();

    public int Pid(string id) => State(id)["pid"]!.GetValue<int>();

    /// <summary>The process has ended; whether its parent has taken notice is no matter.</summary>
    public static bool Gone(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void AwaitStatus(string id, string status) =>
        Assert.True(SpinWait.SpinUntil(() => Status(id) == status, TimeSpan.FromSeconds(20)), $"The status never was {status}.");

    public void Dispose()
    {
        foreach (string id in _ids) Run("delete", "--force", id);
        Directory.Delete(Path, recursive: true);
    }

    /// <summary>As <c>spec</c> and containerd make it: all namespaces but user, the usual mounts, few capabilities.</summary>
    private JsonObject DefaultConfig(string[] command)
    {
        const string json = """
            {
              "ociVersion": "1.2.0",
              "process": {
                "user": { "uid": 0, "gid": 0 },
                "env": [ "PATH=/usr/bin:/bin", "TERM=xterm" ],
                "cwd": "/",
                "capabilities": {
                  "bounding": [ "CAP_KILL", "CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID" ],
                  "effective": [ "CAP_KILL", "CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID" ],
                  "permitted": [ "CAP_KILL", "CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID" ]
                },
                "noNewPrivileges": true
              },
              "root": { "path": "rootfs" },
              "hostname": "judge",
              "mounts": [
                { "destination": "/proc", "type": "proc", "source": "proc" },
                { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": [ "nosuid", "strictatime", "mode=755", "size=65536k" ] },
                { "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": [ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" ] },
                { "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": [ "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" ] },
                { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [ "nosuid", "noexec", "nodev", "ro" ] }
              ],
              "linux": {
                "resources": { "devices": [ { "allow": false, "access": "rwm" } ] },
                "namespaces": [ { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" } ]
              }
            }
            """;
        JsonObject config = JsonNode.Parse(json)!.AsObject();
        config["process"]!["args"] = new JsonArray([.. command.Select(c => (JsonNode)c)]);
        config["linux"]!["cgroupsPath"] = CgroupManager.PathOf(System.IO.Path.GetFileName(Path));
        return config;
    }
}
