using System.Globalization;

namespace DockerPS.Bench.Peers;

/// <summary>podman with a store of its own.</summary>
internal sealed class Podman : Peer
{
    private readonly PeerShell _shell;
    private readonly string _podman;

    public Podman(Workshop workshop)
    {
        string program = Processes.Find("podman") ?? throw new InvalidOperationException("podman is not installed");
        string directory = Path.Combine(workshop.Directory, "podman");
        Directory.CreateDirectory(directory);
        string configuration = Path.Combine(directory, "containers.conf");
        // Without limits of its own podman asks for more than a root without CAP_SYS_RESOURCE may have.
        File.WriteAllText(configuration, """
            [containers]
            default_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]
            [engine]
            cgroup_manager = "cgroupfs"
            runtime = "runc"
            events_logger = "none"
            """);
        _podman = $"{program} --root {directory}/s --runroot {directory}/r --tmpdir {directory}/t";
        _shell = new PeerShell($"export CONTAINERS_CONF={configuration}");
        try
        {
            _shell.Time($"{_podman} import {workshop.RootFileSystem.Archive} localhost/{Workshop.Image}");
            Run();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override string Name => "podman";
    public override bool CanLoad => true;
    public override double Run() => _shell.Time($"{_podman} run --rm --network none localhost/{Workshop.Image} true");

    public override void Start(string name) =>
        _shell.Time($"{_podman} run -d --network none --name {name} localhost/{Workshop.Image} sleep 10000");

    public override double Exec(string name) => _shell.Time($"{_podman} exec {name} true");
    public override double List() => _shell.Time($"{_podman} ps");
    public override void Remove(string name) => _shell.Time($"{_podman} rm -f -t 0 {name}");

    public override int Pid(string name) => int.Parse(
        Processes.Run("sh", "-c", $"{_podman} inspect -f '{{{{.State.Pid}}}}' {name}").Trim(), CultureInfo.InvariantCulture);

    public override double Load(string archive, string image)
    {
        double elapsed = _shell.Time($"{_podman} load -q -i {archive}");
        _shell.Time($"{_podman} rmi -f {image}");
        return elapsed;
    }

    public override bool CanPull => true;

    public override double Pull(string image) => _shell.Time($"{_podman} pull -q --tls-verify=false {image}");

    public override double Push(string image, string target) => _shell.Time($"{_podman} push -q --tls-verify=false {image} {target}");

    public override void Dispose()
    {
        try
        {
            _shell.Time($"{_podman} rm -fa -t 0");
        }
        catch (InvalidOperationException)
        {
            // It never worked, so there is nothing of it.
        }
        _shell.Dispose();
    }
}
