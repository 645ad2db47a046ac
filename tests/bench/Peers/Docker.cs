using System.Diagnostics;
using System.Globalization;

namespace DockerPS.Bench.Peers;

/// <summary>docker with a daemon of its own: own store, own socket, no bridge and no rules in the host's firewall.</summary>
internal sealed class Docker : Peer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly PeerShell _shell = new();
    private readonly string _docker;
    private readonly Process _daemon;
    private readonly string _log;

    public Docker(Workshop workshop)
    {
        string program = Processes.Find("docker") ?? throw new InvalidOperationException("docker is not installed");
        string daemon = Processes.Find("dockerd") ?? throw new InvalidOperationException("dockerd is not installed");
        string directory = Path.Combine(workshop.Directory, "d");
        Directory.CreateDirectory(directory);
        _log = Path.Combine(directory, "log");
        _docker = $"{program} -H unix://{directory}/s";
        _daemon = Process.Start(new ProcessStartInfo("sh", ["-c",
            $"exec {daemon} --data-root {directory}/data --exec-root {directory}/x --pidfile {directory}/pid -H unix://{directory}/s " +
            $"--bridge none --iptables=false --ip6tables=false --exec-opt native.cgroupdriver=cgroupfs >{_log} 2>&1"]))!;
        try
        {
            WaitForDaemon();
            _shell.Time($"{_docker} import {workshop.RootFileSystem.Archive} {Workshop.Image}");
            Run();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override string Name => "docker";
    public override bool CanLoad => true;
    public override double Run() => _shell.Time($"{_docker} run --rm --network none {Workshop.Image} true");

    public override void Start(string name) =>
        _shell.Time($"{_docker} run -d --network none --name {name} {Workshop.Image} sleep 10000");

    public override double Exec(string name) => _shell.Time($"{_docker} exec {name} true");
    public override double List() => _shell.Time($"{_docker} ps");
    public override void Remove(string name) => _shell.Time($"{_docker} rm -f {name}");

    public override int Pid(string name) => int.Parse(
        Processes.Run("sh", "-c", $"{_docker} inspect -f '{{{{.State.Pid}}}}' {name}").Trim(), CultureInfo.InvariantCulture);

    public override double Load(string archive, string image)
    {
        double elapsed = _shell.Time($"{_docker} load -q -i {archive}");
        _shell.Time($"{_docker} rmi -f {image}");
        return elapsed;
    }

    public override bool CanPull => true;

    public override double Pull(string image) => _shell.Time($"{_docker} pull -q {image}");

    public override double Push(string image, string target)
    {
        _shell.Time($"{_docker} tag {image} {target}");
        return _shell.Time($"{_docker} push -q {target}");
    }

    private void WaitForDaemon()
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Limit && !_daemon.HasExited)
        {
            try
            {
                _shell.Time($"{_docker} version");
                return;
            }
            catch (InvalidOperationException)
            {
                _daemon.WaitForExit(TimeSpan.FromMilliseconds(200));
            }
        }
        throw new InvalidOperationException($"dockerd did not start: {File.ReadLines(_log).LastOrDefault()}");
    }

    public override void Dispose()
    {
        if (!_daemon.HasExited)
        {
            Processes.Run("kill", "-TERM", _daemon.Id.ToString(CultureInfo.InvariantCulture));
            if (!_daemon.WaitForExit(TimeSpan.FromSeconds(30)))
                _daemon.Kill(entireProcessTree: true);
        }
        _daemon.Dispose();
        _shell.Dispose();
    }
}
