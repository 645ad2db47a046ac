using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace DockerPS.Bench.Scenarios;

/// <summary>
/// How fast TCP goes from the machine to a published port: to one of its own addresses the kernel's NAT leads into the container, over loopback a
/// process passes it on. The sender has Reno, which every kernel has and which does not pace: with bbr, the default of some machines, it arms a timer
/// for each piece, and on a virtual machine that bounds all subjects alike. So the machine's own default is measured once, beside a connection within
/// the machine that nobody passes on.
/// </summary>
internal sealed class NetworkThroughputScenario : Scenario
{
    private const int Rounds = 3, Seconds = 2;
    private const string Image = "bench-iperf3:1", Name = "bench-server", Unit = "Gbit/s";
    private const string Relay = "TCP to a published port, 127.0.0.1 (docker: docker-proxy)", Six = "TCP to a published port, [::1] (docker: docker-proxy)";
    private const string Unpaced = "reno";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public override string Key => "network-throughput";
    public override string Title => "TCP to a published port, the machine's address (NAT)";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        string iperf = Processes.Find("iperf3") ?? throw new InvalidOperationException("iperf3 is not installed (apt-get install iperf3)");
        var root = new RootFileSystem(Path.Combine(workshop.Directory, "iperf3"), iperf);
        workshop.Session.Invoke($"Import-ContainerImage -Path '{root.Archive}' -Name {Image}");
        List<Action> undo = [() => workshop.Session.Invoke($"Get-Container -All -Name {Name} | Remove-Container -Force")];
        try
        {
            const string Server = "iperf3 -s -p 80";
            workshop.Session.Invoke($"Invoke-Container {Image} -Command (-split '{Server}') -Name {Name} -Network bridge -Publish 0:80 -Detach");
            var ports = new Dictionary<string, int> { ["DockerPS"] = workshop.Session.Get<int>($"(Get-Container {Name}).Ports[0].HostPort") };
            AwaitServer(workshop.Session.Get<int>($"(Get-Container {Name}).Pid"), cancellationToken);
            foreach (Peers.EnginePeer peer in workshop.NetworkPeers(report, Title))
            {
                peer.Import(root.Archive, Image);
                undo.Add(() => peer.Remove(Name));
                ports[peer.Name] = peer.Publish(Name, Image, Server);
                AwaitServer(peer.Pid(Name), cancellationToken);
            }

            foreach ((string title, string address) in (ReadOnlySpan<(string, string)>)[(Title, OwnNetwork.Address.ToString()), (Relay, "127.0.0.1"), (Six, "::1")])
            {
                Interleave(Rounds, ports.ToDictionary(p => p.Key, p => (Func<double>)(() => Throughput(iperf, address, p.Value, Unpaced))), title, Unit,
                    report, cancellationToken);
            }

            MeasureDefault(iperf, ports, report, cancellationToken);
        }
        finally
        {
            undo.ForEach(u => u());
        }
    }

    /// <summary>As the machine sends by default, over loopback; the limit is a server that is in no container.</summary>
    private static void MeasureDefault(string iperf, Dictionary<string, int> ports, Report report, CancellationToken cancellationToken)
    {
        string congestion = File.ReadAllText("/proc/sys/net/ipv4/tcp_congestion_control").Trim();
        using Process server = Process.Start(new ProcessStartInfo(iperf, ["-s", "-p", "80"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            server.BeginOutputReadLine();
            server.BeginErrorReadLine();
            AwaitServer(server.Id, cancellationToken);
            Interleave(Rounds, ports.Append(new("limit", 80)).ToDictionary(p => p.Key, p => (Func<double>)(() => Throughput(iperf, "127.0.0.1", p.Value, congestion))),
                $"…with the machine's own congestion control, {congestion} (limit: no container)", Unit, report, cancellationToken);
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    private static double Throughput(string iperf, string address, int port, string congestion)
    {
        string answer = Processes.Run(iperf, "-c", address, "-p", port.ToString(CultureInfo.InvariantCulture), "-C", congestion,
            "-t", Seconds.ToString(CultureInfo.InvariantCulture), "--connect-timeout", "2000", "-J");
        return JsonNode.Parse(answer)!["end"]?["sum_received"]?["bits_per_second"] is { } speed
            ? (double)speed / 1e9
            : throw new InvalidOperationException($"iperf3 to {address}: {JsonNode.Parse(answer)!["error"]}");
    }

    /// <summary>Until something listens on port 80 in a process's network.</summary>
    private static void AwaitServer(int pid, CancellationToken cancellationToken)
    {
        for (long end = Environment.TickCount64 + (long)Limit.TotalMilliseconds; Environment.TickCount64 < end;)
        {
            if (new[] { "tcp", "tcp6" }.SelectMany(f => File.ReadLines($"/proc/{pid}/net/{f}")).Any(IsListening)) return;
            cancellationToken.WaitHandle.WaitOne(20);
        }

        throw new TimeoutException("iperf3 does not listen in its container");
    }

    /// <summary>Port in hexadecimal, no peer, and the state of those that listen.</summary>
    private static bool IsListening(string line) =>
        line.Contains(":0050 ", StringComparison.Ordinal) && line.Contains(":0000 0A ", StringComparison.Ordinal);
}
