namespace DockerPS.Bench.Scenarios;

/// <summary>A container of <c>true</c> with a bridge network and one published port, beside one without network.</summary>
internal sealed class NetworkStartScenario : Scenario
{
    private const int Rounds = 20;
    private const string Network = "bench-start", Without = "…the same without network", Difference = "…what the network adds";

    public override string Key => "network-start";
    public override string Title => "run true with a bridge and a published port, and remove";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        workshop.Session.Invoke($"New-ContainerNetwork {Network}");
        try
        {
            var runs = new Dictionary<string, (Func<double> With, Func<double> Without)>
            {
                ["DockerPS"] = (() => Run(workshop, $"-Network {Network} -Publish 0:80"), () => Run(workshop, "-Network none")),
            };
            foreach (Peers.EnginePeer peer in workshop.NetworkPeers(report, Title))
                runs[peer.Name] = (peer.RunPublished, peer.Run);
            List<(string Subject, double With, double Without)> pairs = [];
            Interleave(Rounds, runs.ToDictionary(r => r.Key, r => (Func<double>)(() =>
            {
                double without = r.Value.Without(), with = r.Value.With();
                pairs.Add((r.Key, with, without));
                return with;
            })), Title, "ms", report, cancellationToken);
            // The first of each warmed up.
            foreach ((string subject, double with, double without) in pairs.GroupBy(p => p.Subject).SelectMany(g => g.Skip(1)))
            {
                report.Add(Without, subject, "ms", without);
                report.Add(Difference, subject, "ms", with - without);
            }
        }
        finally
        {
            workshop.Session.Invoke($"Remove-ContainerNetwork {Network}");
        }
    }

    private static double Run(Workshop workshop, string network) =>
        workshop.Session.Time($"Invoke-Container {Workshop.Image} true {network} -AutoRemove");
}
