namespace DockerPS.Bench.Scenarios;

/// <summary>Whether a start takes longer when many are on the network already.</summary>
internal sealed class NetworkCrowdScenario : Scenario
{
    private const int Crowd = 500, Rounds = 15;
    private const string Network = "bench-crowd", Other = "bench-few", Late = "start the 501st container on it", Beside = "…the 2nd on another network beside these";

    public override string Key => "network-crowd";
    public override string Title => "start the 2nd container on a network";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        ModuleSession session = workshop.Session;
        session.Invoke($"New-ContainerNetwork {Network}; New-ContainerNetwork {Other}");
        try
        {
            session.Invoke(Start("bench-crowd-1", Network));
            Interleave(Rounds, Subject(session, Network), Title, "ms", report, cancellationToken);
            session.Invoke($"2..{Crowd} | ForEach-Object {{ {Start("bench-crowd-$_", Network)} }}");
            session.Invoke(Start("bench-few-1", Other));
            for (int round = 0; round < Rounds; round++)
            {
                Interleave(1, Subject(session, Network), Late, "ms", report, cancellationToken);
                Interleave(1, Subject(session, Other), Beside, "ms", report, cancellationToken);
            }

            int running = session.Get<int>("@(Get-Container -Name 'bench-crowd-*').Count");
            if (running != Crowd) report.Absent(Late, "DockerPS", $"{running} of {Crowd} containers ran");
        }
        finally
        {
            session.Invoke("Get-Container -All -Name 'bench-crowd-*', 'bench-few-*' | Remove-Container -Force");
            session.Invoke($"Remove-ContainerNetwork {Network}, {Other}");
        }
    }

    private static string Start(string name, string network) =>
        $"Invoke-Container {Workshop.Image} sleep 10000 -Name \"{name}\" -Network {network} -Detach";

    /// <summary>Only the start is timed.</summary>
    private static Dictionary<string, Func<double>> Subject(ModuleSession session, string network) => new()
    {
        ["DockerPS"] = () =>
        {
            session.Invoke($"New-Container {Workshop.Image} sleep 10000 -Name bench-crowd-late -Network {network}");
            double elapsed = session.Time("Start-Container bench-crowd-late");
            session.Invoke("Remove-Container bench-crowd-late -Force");
            return elapsed;
        },
    };
}
