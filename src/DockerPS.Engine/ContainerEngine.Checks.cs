using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using DockerPS.Engine.Checks;
using DockerPS.Engine.Containers;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Names of the checks of <see cref="CheckAsync"/>, in their order.</summary>
    public static IReadOnlyList<string> CheckNames { get; } =
        [.. IsolationChecks.All("/").Select(c => c.Name), "Execute", "Stop", "Pause", "Log", "NothingLeft"];

    /// <summary>
    /// Runs each isolation feature in a container of an image that is made of the host's programs, and gives one result each, as
    /// they come. All that was made is removed at the end, also when the caller takes no more.
    /// </summary>
    /// <param name="wanted">Whether a check of that name is to be run.</param>
    /// <param name="cancellationToken">Ends it between two checks.</param>
    /// <exception cref="DockerEnvironmentException">PermissionDenied: not root.</exception>
    public async IAsyncEnumerable<ContainerEngineCheck> CheckAsync(
        Func<string, bool> wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        NeedRoot();
        string mark = "dockerps-check-" + Guid.NewGuid().ToString("N")[..8];
        string shared = Directory.CreateTempSubdirectory(mark).FullName;
        File.WriteAllText(Path.Combine(shared, "file"), "of the host\n");
        bool made = false;
        try
        {
            await CreateImageAsync(
                new ImageRecipe { Name = mark, HostCommands = IsolationChecks.HostCommands, Config = new ContainerImageConfiguration { Command = ["sh"] } },
                null, cancellationToken).ConfigureAwait(false);
            made = true;
            var spec = new ContainerSpec { Image = mark, Labels = new Dictionary<string, string> { ["dockerps.check"] = mark } };
            foreach (IsolationCheck check in IsolationChecks.All(shared))
                if (wanted(check.Name)) yield return await RunCheckAsync(check.Name, () => IsolatedAsync(check, spec, cancellationToken)).ConfigureAwait(false);
            (string, Func<ContainerSpec, CancellationToken, Task<(bool Passed, string Detail)>>)[] verbs =
                [("Execute", ExecutesAsync), ("Stop", StopsAsync), ("Pause", PausesAsync), ("Log", LogsAsync)];
            foreach ((string name, Func<ContainerSpec, CancellationToken, Task<(bool Passed, string Detail)>> verb) in verbs)
                if (wanted(name)) yield return await RunCheckAsync(name, () => verb(spec, cancellationToken)).ConfigureAwait(false);
            if (wanted("NothingLeft")) yield return await RunCheckAsync("NothingLeft", () => Task.FromResult(NothingLeft(mark))).ConfigureAwait(false);
        }
        finally
        {
            foreach (Container left in Checked(mark)) await RemoveContainerAsync(left.Id, force: true, CancellationToken.None).ConfigureAwait(false);
            if (made) RemoveImage(mark, force: true);
            Directory.Delete(shared, recursive: true);
        }
    }

    private static async Task<ContainerEngineCheck> RunCheckAsync(string name, Func<Task<(bool Passed, string Detail)>> run)
    {
        long begun = Stopwatch.GetTimestamp();
        try
        {
            (bool passed, string detail) = await run().ConfigureAwait(false);
            return new(name, passed, detail, Stopwatch.GetElapsedTime(begun));
        }
        catch (DockerException e)
        {
            // One that cannot be run is one that did not pass, and the others are still of interest.
            return new(name, false, e.Message, Stopwatch.GetElapsedTime(begun));
        }
    }

    /// <summary>Runs the container of one check.</summary>
    internal async Task<(bool Passed, string Detail)> IsolatedAsync(IsolationCheck check, ContainerSpec spec, CancellationToken cancellationToken)
    {
        Container container = await CreateContainerAsync(
            check.Spec(spec) with { AutoRemove = true, Command = ["sh", "-c", check.Script] }, cancellationToken).ConfigureAwait(false);
        var output = new StringBuilder();
        ProcessExit exit = await StartAttachedAsync(
            container.Id, new Attachment((_, bytes) => output.Append(Encoding.UTF8.GetString(bytes)), null), cancellationToken).ConfigureAwait(false);
        return check.Judge(new CheckedRun(exit.ExitCode, exit.OomKilled, output.ToString(), container));
    }

    private async Task<Container> StartedAsync(ContainerSpec spec, string script, CancellationToken cancellationToken)
    {
        Container container = await CreateContainerAsync(spec with { Command = ["sh", "-c", script] }, cancellationToken).ConfigureAwait(false);
        return await StartContainerAsync(container.Id, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(bool Passed, string Detail)> ExecutesAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        Container container = await StartedAsync(spec, "exec sleep 60", cancellationToken).ConfigureAwait(false);
        var output = new StringBuilder();
        ProcessExit exit = await ExecuteAsync(
            container.Id, new ContainerCommand { Arguments = ["sh", "-c", "readlink /proc/1/ns/pid; readlink /proc/self/ns/pid; exit 9"] },
            new Attachment((_, bytes) => output.Append(Encoding.UTF8.GetString(bytes)), null), cancellationToken).ConfigureAwait(false);
        await RemoveContainerAsync(container.Id, force: true, cancellationToken).ConfigureAwait(false);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (exit.ExitCode == 9 && lines is [var first, var own] && first == own, $"a second command ran beside the first and ended with exit code {exit.ExitCode}");
    }

    private async Task<(bool Passed, string Detail)> StopsAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        Container container = await StartedAsync(spec, "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done", cancellationToken).ConfigureAwait(false);
        await foreach (ContainerLogEntry entry in GetLogAsync(container.Id, new LogFilter { Follow = true }, cancellationToken).ConfigureAwait(false))
            if (entry.Line == "ready") break;
        container = await StopContainerAsync(container.Id, TimeSpan.FromSeconds(10), null, cancellationToken).ConfigureAwait(false);
        await RemoveContainerAsync(container.Id, force: true, cancellationToken).ConfigureAwait(false);
        return (container.ExitCode == 3, container.ExitCode == 3 ? "SIGTERM was handled" : $"ended with exit code {container.ExitCode}");
    }

    private async Task<(bool Passed, string Detail)> PausesAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        Container container = await StartedAsync(spec, "exec sleep 60", cancellationToken).ConfigureAwait(false);
        ContainerState paused = (await SuspendContainerAsync(container.Id, cancellationToken).ConfigureAwait(false)).State;
        ContainerState resumed = (await ResumeContainerAsync(container.Id, cancellationToken).ConfigureAwait(false)).State;
        await RemoveContainerAsync(container.Id, force: true, cancellationToken).ConfigureAwait(false);
        return ((paused, resumed) == (ContainerState.Paused, ContainerState.Running), $"{paused}, then {resumed}");
    }

    private async Task<(bool Passed, string Detail)> LogsAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        Container container = await StartedAsync(spec, "echo out; echo err >&2", cancellationToken).ConfigureAwait(false);
        var seen = new List<string>();
        await foreach (ContainerLogEntry entry in GetLogAsync(container.Id, new LogFilter { Follow = true }, cancellationToken).ConfigureAwait(false))
            seen.Add($"{entry.Stream}:{entry.Line}");
        await RemoveContainerAsync(container.Id, force: true, cancellationToken).ConfigureAwait(false);
        return (seen.Order().SequenceEqual(["StdErr:err", "StdOut:out"]), string.Join(", ", seen));
    }

    private (bool Passed, string Detail) NothingLeft(string mark)
    {
        string[] left =
        [
            .. Checked(mark).Select(c => "container " + c.Name),
            .. File.ReadLines("/proc/self/mountinfo").Where(l => l.Contains(ContainerDirectory.ContainersRoot(_options), StringComparison.Ordinal)),
        ];
        return (left.Length == 0, left.Length == 0 ? "no container and no mount" : string.Join(", ", left));
    }

    private IReadOnlyList<Container> Checked(string mark) => GetContainers(new ContainerFilter { All = true, Labels = ["dockerps.check=" + mark] });
}
