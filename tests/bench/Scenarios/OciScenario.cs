using DockerPS.Bench.Peers;

namespace DockerPS.Bench.Scenarios;

/// <summary><c>dockerps-runtime</c> on its own, as an OCI runtime beside the others: the same bundles, the same commands.</summary>
internal sealed class OciScenario : Scenario
{
    private const string Exec = "OCI exec true", Memory = "OCI run true: peak memory";
    private const int AtOnce = 64;
    private static readonly string s_many = $"OCI create and start, {AtOnce} at once";

    public override string Key => "oci";
    public override string Title => "OCI run true";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        using var ours = new OciRuntime("DockerPS", Workshop.Runtime, workshop);
        OciRuntime[] runtimes = [ours, .. workshop.Peers(report, Title).OfType<OciRuntime>()];
        Interleave(20, Subjects(r => r.Run), Title, "ms", report, cancellationToken);
        Interleave(3, Subjects(r => r.RunMemory), Memory, "MB", report, cancellationToken);
        List<OciRuntime> started = [];
        try
        {
            foreach (OciRuntime runtime in runtimes)
            {
                runtime.Start("bench-oci-exec");
                started.Add(runtime);
            }
            Interleave(20, Subjects(r => () => r.Exec("bench-oci-exec")), Exec, "ms", report, cancellationToken);
        }
        finally
        {
            started.ForEach(r => r.Remove("bench-oci-exec"));
        }
        Interleave(3, Subjects(r => () => r.StartAtOnce(AtOnce)), s_many, "ms", report, cancellationToken);

        Dictionary<string, Func<double>> Subjects(Func<OciRuntime, Func<double>> measure) => runtimes.ToDictionary(r => r.Name, measure);
    }
}
