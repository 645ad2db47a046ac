namespace DockerPS.Bench.Scenarios;

/// <summary>A command in a container that runs already.</summary>
internal sealed class ExecScenario : Scenario
{
    public override string Key => "exec";
    public override string Title => "exec true";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        using IDisposable ours = workshop.Session.Container("bench-exec");
        Peers.Peer[] peers = [.. workshop.Peers(report, Title)];
        List<Peers.Peer> started = [];
        try
        {
            var subjects = new Dictionary<string, Func<double>>
            {
                ["DockerPS"] = () => workshop.Session.Time("Invoke-ContainerCommand bench-exec true"),
            };
            foreach (Peers.Peer peer in peers)
            {
                peer.Start("bench-exec");
                started.Add(peer);
                subjects[peer.Name] = () => peer.Exec("bench-exec");
            }
            Interleave(20, subjects, Title, "ms", report, cancellationToken);
        }
        finally
        {
            started.ForEach(p => p.Remove("bench-exec"));
        }
    }
}
