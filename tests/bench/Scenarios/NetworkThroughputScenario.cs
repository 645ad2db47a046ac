using System.Globalization;
using System.Text.Json.Nodes;

namespace DockerPS.Bench.Scenarios;

/// <summary>
/// How fast TCP goes from the machine to a published port: to one of its own addresses the kernel's NAT leads into the container, over loopback a
/// process passes it on.
/// </summary>
internal sealed class NetworkThroughputScenario : Scenario
{
    private const int Rounds = 3, Seconds = 2;
    private const string Image = "bench-iperf3:1", Name = "bench-server", Unit = "Gbit/s";
    private const string Relay = "TCP to a published port, 127.0.0.1 (docker: docker-proxy)", Six = "TCP to a published port, [::1] (docker: docker-proxy)";
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
                Interleave(Rounds, ports.ToDictionary(p => p.Key, p => (Func<double>)(() => Throughput(iperf, address, p.Value))), title, Unit,
                    report, cancellationToken);
            }
        }
        finally
        {
            undo.ForEach(u => u());
        }
    }

    private static double Throughput(string iperf, string address, int port)
    {
        string answer = Processes.Run(iperf, "-c", address, "-p", port.ToString(CultureInfo.InvariantCulture),
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
