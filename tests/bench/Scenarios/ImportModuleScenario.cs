using System.Globalization;

namespace DockerPS.Bench.Scenarios;

/// <summary>Import-Module in a fresh process: in pwsh where it is installed, and in the Shell.</summary>
internal sealed class ImportModuleScenario : Scenario
{
    public override string Key => "import-module";
    public override string Title => "Import-Module";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        string command = $"$w = [Diagnostics.Stopwatch]::StartNew(); Import-Module '{Workshop.Manifest}'; $w.Elapsed.TotalMilliseconds";
        double In(string executable, params string[] arguments) => double.Parse(
            Processes.Run(executable, [.. arguments, "-NoProfile", "-Command", command]).Trim(), CultureInfo.InvariantCulture);
        var subjects = new Dictionary<string, Func<double>> { ["DockerPS"] = () => In("dotnet", Workshop.Shell) };
        if (Processes.Find("pwsh") is { } pwsh)
            subjects["DockerPS in pwsh"] = () => In(pwsh);
        Interleave(7, subjects, Title, "ms", report, cancellationToken);
    }
}
