using System.Globalization;
using System.Text.Json.Nodes;

namespace DockerPS.Bench.Peers;

/// <summary>crun or runc with a bundle of the same root file system.</summary>
internal sealed class OciRuntime : Peer
{
    private const string Unified = "/sys/fs/cgroup/unified";

    private readonly PeerShell _shell;
    private readonly string _program;
    private readonly string _bundles;
    private readonly string _rootfs;
    private readonly string _state;

    public OciRuntime(string program, Workshop workshop)
    {
        Name = program;
        _rootfs = workshop.RootFileSystem.Path;
        _bundles = Path.Combine(workshop.Directory, program);
        _program = Processes.Find(program) ?? throw new InvalidOperationException($"{program} is not installed");
        _state = $"--root {Path.Combine(_bundles, "state")}";
        string once = Bundle("once", "true");
        // crun refuses a hybrid host whose unified hierarchy has controllers; without that mount it sees plain version 1.
        _shell = new PeerShell(Directory.Exists(Unified) ? $"umount {Unified}" : ":");
        _run = $"{_program} {_state} run --bundle {once} bench-{program}";
        _shell.Time(_run);
    }

    private readonly string _run;

    public override string Name { get; }
    public override bool HasSupervisor => false;
    public override double Run() => _shell.Time(_run);

    public override void Start(string name) =>
        _shell.Time($"{_program} {_state} run --detach --bundle {Bundle(name, "sleep", "10000")} {name} >/dev/null 2>&1");

    public override double Exec(string name) => _shell.Time($"{_program} {_state} exec {name} true");

    public override int Pid(string name) =>
        int.Parse(JsonNode.Parse(Processes.Run(_program, "--root", Path.Combine(_bundles, "state"), "state", name))!["pid"]!.ToString(),
            CultureInfo.InvariantCulture);

    public override void Remove(string name) => _shell.Time($"{_program} {_state} delete --force {name}");

    public override void Dispose() => _shell.Dispose();

    private string Bundle(string name, params string[] command)
    {
        string bundle = Path.Combine(_bundles, name);
        Directory.CreateDirectory(bundle);
        string file = Path.Combine(bundle, "config.json");
        File.Delete(file);
        Processes.Run("sh", "-c", $"cd {bundle} && {_program} spec");
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(file))!;
        configuration["process"]!["terminal"] = false;
        configuration["process"]!["args"] = new JsonArray([.. command.Select(c => (JsonNode)c)]);
        configuration["root"]!["path"] = _rootfs;
        File.WriteAllText(file, configuration.ToJsonString());
        return bundle;
    }
}
