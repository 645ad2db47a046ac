using System.Globalization;
using System.Text.Json.Nodes;

namespace DockerPS.Bench.Peers;

/// <summary>An OCI runtime on its command line, with bundles that are the same for each: crun, runc, or ours.</summary>
internal sealed class OciRuntime : Peer
{
    private const string Unified = "/sys/fs/cgroup/unified";
    private const string Quiet = "</dev/null >/dev/null 2>&1";

    private readonly PeerShell _shell;
    private readonly string _bundles;
    private readonly string _rootfs;
    private readonly string _command;
    private readonly string _run;

    public OciRuntime(string name, string? program, Workshop workshop)
    {
        Name = name;
        _rootfs = workshop.RootFileSystem.Path;
        // Containers of all runtimes have names of their own: they meet in the same cgroup directories.
        _bundles = Path.Combine(workshop.Directory, "oci-" + name);
        _command = $"{program ?? throw new InvalidOperationException($"{name} is not installed")} --root {Path.Combine(_bundles, "state")}";
        _run = $"{_command} run --bundle {Bundle("once", "true")} bench-{name}";
        // crun refuses a hybrid host whose unified hierarchy has controllers; without that mount it sees plain version 1.
        _shell = new PeerShell(Directory.Exists(Unified) ? $"umount {Unified}" : ":");
        _shell.Time(_run);
    }

    public override string Name { get; }
    public override bool HasSupervisor => false;
    public override double Run() => _shell.Time(_run);

    public override void Start(string name) => _shell.Time($"{_command} run --detach --bundle {Bundle(name, "sleep", "10000")} {Id(name)} {Quiet}");

    public override double Exec(string name) => _shell.Time($"{_command} exec {Id(name)} true");

    public override int Pid(string name) =>
        int.Parse(JsonNode.Parse(Processes.Run("sh", "-c", $"{_command} state {Id(name)}"))!["pid"]!.ToString(), CultureInfo.InvariantCulture);

    public override void Remove(string name) => _shell.Time($"{_command} delete --force {Id(name)}");

    /// <summary>
    /// Megabytes that the runtime had at most while it ran a container of <c>true</c>. GNU time starts it, since a child begins with
    /// what its parent had, which of this process is more than of any runtime.
    /// </summary>
    public double RunMemory()
    {
        string time = Processes.Find("time") ?? throw new InvalidOperationException("GNU time is not installed (apt-get install time)");
        string file = Path.Combine(_bundles, "memory");
        _shell.Time($"{time} -f %M -o {file} {_run}");
        return double.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) / 1024.0;
    }

    /// <summary>Milliseconds in which as many containers are created and started at once; one that fails is an exception.</summary>
    public double StartAtOnce(int count)
    {
        string bundle = Bundle("many", "sleep", "10000");
        try
        {
            double elapsed = _shell.Time($"processes=; for i in $(seq {count}); do {{ {_command} create --bundle {bundle} {Id("many")}-$i {Quiet} && "
                + $"{_command} start {Id("many")}-$i; }} & processes=\"$processes $!\"; done; for p in $processes; do wait $p || exit 1; done");
            string states = Processes.Run("sh", "-c", $"{_command} list --format json");
            int running = JsonNode.Parse(states)!.AsArray().Count(c => (string?)c!["status"] == "running");
            return running == count ? elapsed : throw new InvalidOperationException($"{running} of {count} containers run");
        }
        finally
        {
            _shell.Time($"for i in $(seq {count}); do {_command} delete --force {Id("many")}-$i {Quiet}; done; true");
        }
    }

    public override void Dispose() => _shell.Dispose();

    private string Id(string name) => $"{name}-{Name}";

    private string Bundle(string name, params string[] command)
    {
        string bundle = Path.Combine(_bundles, name);
        Directory.CreateDirectory(bundle);
        string file = Path.Combine(bundle, "config.json");
        if (!File.Exists(file)) File.WriteAllText(file, BundleConfig.For(_rootfs, command));
        return bundle;
    }
}
