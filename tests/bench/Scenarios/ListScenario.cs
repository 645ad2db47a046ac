namespace DockerPS.Bench.Scenarios;

/// <summary>A thousand containers in the catalogue: all of them, and one.</summary>
internal sealed class ListScenario : Scenario
{
    private const int Count = 1000;

    public override string Key => "list";
    public override string Title => "list 1,000 containers (peers: none)";
    private const string One = "get one of 1,000 containers";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        try
        {
            workshop.Session.Invoke($"1..{Count} | ForEach-Object {{ New-Container {Workshop.Image} true -Network none -Name \"bench-list-$_\" }}");
            var subjects = new Dictionary<string, Func<double>>
            {
                ["DockerPS"] = () => workshop.Session.Time("Get-Container -All"),
            };
            foreach (Peers.Peer peer in workshop.Peers(report, Title).Where(p => p.HasSupervisor))
                subjects[peer.Name] = peer.List;
            Interleave(20, subjects, Title, "ms", report, cancellationToken);
            int found = workshop.Session.Get<int>("@(Get-Container -All -Name 'bench-list-*').Count");
            if (found != Count)
                report.Absent(Title, "DockerPS", $"{found} of {Count} containers were listed");
            Interleave(50, new Dictionary<string, Func<double>>
            {
                ["DockerPS"] = () => workshop.Session.Time("Get-Container bench-list-500"),
            }, One, "ms", report, cancellationToken);
        }
        finally
        {
            workshop.Session.Invoke("Get-Container -All -Name 'bench-list-*' | Remove-Container -Force");
        }
    }
}
