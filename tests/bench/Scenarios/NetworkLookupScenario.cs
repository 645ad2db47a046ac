using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;

namespace DockerPS.Bench.Scenarios;

/// <summary>The address of another container, asked by its name from within a container's network: one process, many queries.</summary>
internal sealed class NetworkLookupScenario : Scenario
{
    private const int Rounds = 10, Queries = 500;
    private const string Network = "bench-names", Asker = "bench-asker", Other = "bench-other";

    public override string Key => "network-names";
    public override string Title => "look a container up by name";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        List<Action> undo = [() => workshop.Session.Invoke($"Remove-ContainerNetwork {Network}")];
        var subjects = new Dictionary<string, Func<double>>();
        try
        {
            workshop.Session.Invoke($"New-ContainerNetwork {Network}");
            foreach (string name in new[] { Other, Asker })
            {
                workshop.Session.Invoke($"Invoke-Container {Workshop.Image} sleep 10000 -Name {name} -Network {Network} -Detach");
                undo.Add(() => workshop.Session.Invoke($"Remove-Container {name} -Force"));
            }

            subjects["DockerPS"] = Measure(workshop.Session.Get<int>($"(Get-Container {Asker}).Pid"), undo);
            foreach (Peers.EnginePeer peer in workshop.NetworkPeers(report, Title))
            {
                peer.CreateNetwork(Network);
                undo.Add(() => peer.RemoveNetwork(Network));
                foreach (string name in new[] { Other, Asker })
                {
                    peer.Start(name, Network);
                    undo.Add(() => peer.Remove(name));
                }

                subjects[peer.Name] = Measure(peer.Pid(Asker), undo);
            }

            Interleave(Rounds, subjects, Title, "ms", report, cancellationToken);
        }
        finally
        {
            undo.Reverse();
            undo.ForEach(u => u());
        }
    }

    /// <summary>The median of many queries, over a socket in the network of a process and to the name server that it is told of.</summary>
    private static Func<double> Measure(int pid, List<Action> undo)
    {
        string server = File.ReadLines($"/proc/{pid}/root/etc/resolv.conf")
            .First(l => l.StartsWith("nameserver ", StringComparison.Ordinal)).Split(' ')[1];
        int network = LibC.Open($"/proc/{pid}/ns/net", LibC.O_RDONLY);
        Socket socket = NetworkNamespace.Open(network, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.ReceiveTimeout = 5000;
        LibC.Close(ref network);
        undo.Add(socket.Dispose);
        socket.Connect(IPAddress.Parse(server), 53);
        return () =>
        {
            double[] times = new double[Queries];
            for (int i = 0; i < Queries; i++) times[i] = Ask(socket, (ushort)i);
            Array.Sort(times);
            return times[Queries / 2];
        };
    }

    private static double Ask(Socket socket, ushort number)
    {
        // One question of the internet class for an address of version 4; recursion is desired.
        byte[] query =
        [
            (byte)(number >> 8), (byte)number, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, (byte)Other.Length, .. Encoding.ASCII.GetBytes(Other), 0, 0, 1, 0, 1,
        ];
        Span<byte> answer = stackalloc byte[512];
        long start = Stopwatch.GetTimestamp();
        socket.Send(query);
        int length = socket.Receive(answer);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        bool found = length > query.Length && answer[0] == query[0] && answer[1] == query[1] && (answer[3] & 0xF) == 0 && answer[7] > 0;
        return found ? elapsed : throw new InvalidOperationException($"the answer has {length} bytes and code {answer[3] & 0xF}");
    }
}
