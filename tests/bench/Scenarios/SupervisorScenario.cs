namespace DockerPS.Bench.Scenarios;

/// <summary>What keeps a resting container company: memory of the process that supervises it.</summary>
internal sealed class SupervisorScenario : Scenario
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    public override string Key => "supervisor";
    public override string Title => "supervisor at rest";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        using IDisposable ours = workshop.Session.Container("bench-rest");
        List<Peers.Peer> started = [];
        try
        {
            foreach (Peers.Peer peer in workshop.Peers(report, Title).Where(p => p.HasSupervisor))
            {
                peer.Start("bench-rest");
                started.Add(peer);
            }
            cancellationToken.WaitHandle.WaitOne(Rest);
            var subjects = new Dictionary<string, Func<double>>
            {
                ["DockerPS"] = () => Megabytes(workshop.Session.Get<int>("(Get-Container bench-rest).Pid")),
            };
            foreach (Peers.Peer peer in started)
                subjects[peer.Name] = () => Megabytes(peer.Pid("bench-rest"));
            Interleave(3, subjects, Title, "MB", report, cancellationToken);
        }
        finally
        {
            started.ForEach(p => p.Remove("bench-rest"));
        }
    }

    /// <summary>The supervisor is the parent of the container's first process, whoever made it.</summary>
    private static double Megabytes(int containerPid) =>
        Processes.ProportionalSetSize(Processes.Parent(containerPid)) / 1024.0 / 1024.0;
}
