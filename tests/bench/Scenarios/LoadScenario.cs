namespace DockerPS.Bench.Scenarios;

/// <summary>A <c>docker save</c> archive of this machine's folders: time, and the most memory that it takes.</summary>
internal sealed class LoadScenario : Scenario
{
    private const string Memory = "load 2 GB: memory above what the session had";

    public override string Key => "load";
    public override string Title => "load a 2 GB docker save archive";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        string archive = Path.Combine(workshop.Directory, "large.tar");
        SavedArchive.Write(archive, "bench-large:1", cancellationToken);
        try
        {
            var subjects = new Dictionary<string, Func<double>>
            {
                ["DockerPS"] = () => Import(workshop, report, archive),
            };
            foreach (Peers.Peer peer in workshop.Peers(report, Title).Where(p => p.CanLoad))
                subjects[peer.Name] = () => peer.Load(archive, "bench-large:1");
            Interleave(2, subjects, Title, "ms", report, cancellationToken);
        }
        finally
        {
            File.Delete(archive);
        }
    }

    private static double Import(Workshop workshop, Report report, string archive)
    {
        using var memory = new MemoryWatch();
        double elapsed = workshop.Session.Time($"Import-ContainerImage -Path '{archive}'");
        report.Add(Memory, "DockerPS", "MB", memory.PeakGrowth() / 1024.0 / 1024.0);
        workshop.Session.Invoke("Remove-ContainerImage bench-large:1 -Force");
        return elapsed;
    }
}
