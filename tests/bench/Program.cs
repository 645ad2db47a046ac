using DockerPS.Bench;
using DockerPS.Bench.Scenarios;

// Measures DockerPS beside what is installed of crun, runc, podman and docker: one run, interleaved, medians.
Scenario[] all =
[
    new RunScenario(), new ExecScenario(), new SupervisorScenario(), new ListScenario(), new ImportModuleScenario(),
    new LoadScenario(), new PullScenario(), new PushScenario(), new OciScenario(),
    new NetworkStartScenario(), new NetworkThroughputScenario(), new NetworkLookupScenario(), new NetworkCrowdScenario(),
];
string[] unknown = [.. args.Where(a => !all.Any(s => s.IsNamed(a)))];
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"There is no scenario '{unknown[0]}'. Scenarios: {string.Join(", ", all.Select(s => s.Key))}, network for all of networks; none means all.");
    return 64;
}
if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
{
    Console.Error.WriteLine("The benchmark runs containers, so it needs Linux and root.");
    return 1;
}
if (!OwnNetwork.IsHere)
    return OwnNetwork.Run(args);

OwnNetwork.SetUp();
using var workshop = new Workshop();
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
var report = new Report();
foreach (Scenario scenario in all.Where(s => args.Length == 0 || args.Any(s.IsNamed)))
{
    stop.Token.ThrowIfCancellationRequested();
    Console.Error.WriteLine($"… {scenario.Title}");
    try
    {
        scenario.Measure(workshop, report, stop.Token);
    }
    catch (Exception exception) when (exception is not OperationCanceledException)
    {
        report.Absent(scenario.Title, "DockerPS", exception.Message);
    }
}
report.Print(Console.Out);
report.Write(Path.Combine(Workshop.RepositoryRoot, "artifacts", "bench.json"), args);
return report.Failed ? 1 : 0;
