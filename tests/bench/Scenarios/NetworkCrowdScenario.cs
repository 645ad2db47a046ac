namespace DockerPS.Bench.Scenarios;

/// <summary>Whether a start takes longer when many are on the network already.</summary>
internal sealed class NetworkCrowdScenario : Scenario
{
    private const int Crowd = 500, Rounds = 15;
    private const string Network = "bench-crowd", Late = "start the 501st container on it";

    public override string Key => "network-crowd";
    public override string Title => "start the 2nd container on a network";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        ModuleSession session = workshop.Session;
        session.Invoke($"New-ContainerNetwork {Network}");
        try
        {
            session.Invoke(Start("bench-crowd-1"));
            Interleave(Rounds, Subject(session), Title, "ms", report, cancellationToken);
            session.Invoke($"2..{Crowd} | ForEach-Object {{ {Start("bench-crowd-$_")} }}");
            Interleave(Rounds, Subject(session), Late, "ms", report, cancellationToken);
            int running = session.Get<int>("@(Get-Container -Name 'bench-crowd-*').Count");
            if (running != Crowd) report.Absent(Late, "DockerPS", $"{running} of {Crowd} containers ran");
        }
        finally
        {
            session.Invoke("Get-Container -All -Name 'bench-crowd-*' | Remove-Container -Force");
            session.Invoke($"Remove-ContainerNetwork {Network}");
        }
    }

    private static string Start(string name) => $"Invoke-Container {Workshop.Image} sleep 10000 -Name \"{name}\" -Network {Network} -Detach";

    /// <summary>Only the start is timed.</summary>
    private static Dictionary<string, Func<double>> Subject(ModuleSession session) => new()
    {
        ["DockerPS"] = () =>
        {
            session.Invoke($"New-Container {Workshop.Image} sleep 10000 -Name bench-crowd-late -Network {Network}");
            double elapsed = session.Time("Start-Container bench-crowd-late");
            session.Invoke("Remove-Container bench-crowd-late -Force");
            return elapsed;
        },
    };
}
