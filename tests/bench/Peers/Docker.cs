using System.Diagnostics;
using System.Globalization;

namespace DockerPS.Bench.Peers;

/// <summary>docker with a daemon of its own: own store, own socket, and bridge and rules in the run's own network namespace.</summary>
internal sealed class Docker : EnginePeer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _daemon;
    private readonly string _log;

    /// <param name="workshop">Whose images it gets.</param>
    /// <param name="bridge">Whether it has a bridge network, for which it needs iptables.</param>
    public Docker(Workshop workshop, bool bridge)
    {
        string program = Processes.Find("docker") ?? throw new InvalidOperationException("docker is not installed");
        string daemon = Processes.Find("dockerd") ?? throw new InvalidOperationException("dockerd is not installed");
        string directory = Path.Combine(workshop.Directory, bridge ? "d" : "e");
        Directory.CreateDirectory(directory);
        _log = Path.Combine(directory, "log");
        Command = $"{program} -H unix://{directory}/s";
        string network = bridge ? "" : "--bridge none --iptables=false --ip6tables=false";
        _daemon = Process.Start(new ProcessStartInfo("sh", ["-c",
            $"exec {daemon} --data-root {directory}/data --exec-root {directory}/x --pidfile {directory}/pid -H unix://{directory}/s " +
            $"{network} --exec-opt native.cgroupdriver=cgroupfs >{_log} 2>&1"]))!;
        try
        {
            WaitForDaemon();
            Import(workshop.RootFileSystem.Archive, Workshop.Image);
            Run();
            if (bridge) RunPublished();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>With a bridge where that is possible.</summary>
    public static Docker Start(Workshop workshop)
    {
        try
        {
            return new Docker(workshop, bridge: true);
        }
        catch (InvalidOperationException exception)
        {
            return new Docker(workshop, bridge: false) { NoNetworks = exception.Message };
        }
    }

    public override string Name => "docker";
    protected override string Command { get; }
    protected override PeerShell Shell { get; } = new();
    public override double Pull(string image) => Shell.Time($"{Command} pull -q {image}");

    public override double Push(string image, string target)
    {
        Shell.Time($"{Command} tag {image} {target}");
        return Shell.Time($"{Command} push -q {target}");
    }

    private void WaitForDaemon()
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Limit && !_daemon.HasExited)
        {
            try
            {
                Shell.Time($"{Command} version");
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
        Shell.Dispose();
    }
}
