namespace DockerPS.Bench.Scenarios;

/// <summary>A container of <c>true</c>, from nothing to removed.</summary>
internal sealed class RunScenario : Scenario
{
    public override string Key => "run";
    public override string Title => "run true and remove";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        var subjects = new Dictionary<string, Func<double>>
        {
            ["DockerPS"] = () => workshop.Session.Time($"Invoke-Container {Workshop.Image} true -Network none -AutoRemove"),
        };
        foreach (Peers.Peer peer in workshop.Peers(report, Title))
            subjects[peer.Name] = peer.Run;
        Interleave(20, subjects, Title, "ms", report, cancellationToken);
    }
}
