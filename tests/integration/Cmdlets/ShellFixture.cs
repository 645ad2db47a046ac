using DockerPS.Integration.Shell;
using DockerPS.Linux.Netlink;
using Xunit;

namespace DockerPS.Integration.Cmdlets;

/// <summary>A store of its own with a small image, reached as users do: through the Shell with the built module.</summary>
public sealed class ShellFixture : IAsyncLifetime
{
    private const string Image = "$null = New-ContainerImage tools -HostCommand sh, sleep, true, echo -Command sh";

    public string Root { get; } = "/tmp/dockerps-cmdlets-" + Guid.NewGuid().ToString("N")[..8];

    public async ValueTask InitializeAsync()
    {
        // Skips where there is no runtime or it cannot run.
        _ = RuntimeExecutable.Path;
        Succeeded(await RunAsync(Image));
    }

    public async ValueTask DisposeAsync()
    {
        if (!Directory.Exists(Root)) return;
        ShellRun run = await RunAsync("Get-Container -All | Remove-Container -Force; (Get-ContainerNetwork bridge).Interface");
        using (RouteSocket routes = RouteSocket.Open())
            if (routes.Find(run.Output.Trim()) is { } bridge) routes.Delete(bridge.Index);
        // A file that is still mounted or open would be left; the removal says so.
        Directory.Delete(Root, recursive: true);
        Succeeded(run);
    }

    /// <summary>Runs a script in a Shell of its own, on this store.</summary>
    internal Task<ShellRun> RunAsync(string script) => ShellProcess.RunAsync("-Command", InStore(script));

    /// <summary>The lines that the script wrote; it must have written no error.</summary>
    internal async Task<string[]> LinesAsync(string script) =>
        Succeeded(await RunAsync(script)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    internal string InStore(string script) => $"""
        $env:DOCKERPS_ROOT = '{Root}'
        Import-Module '{ShellProcess.RepositoryRoot}module/DockerPS/DockerPS.psd1'
        {script}
        """;

    /// <summary>What the kernel still has of this store: mounts below its root.</summary>
    internal string[] Mounts() =>
        [.. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(Root, StringComparison.Ordinal))];

    /// <summary>Cgroups of these containers that are still there.</summary>
    internal static string[] Cgroups(IEnumerable<string> ids) =>
        [.. ids.SelectMany(id => Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup")
            .Select(hierarchy => Path.Combine(hierarchy, "dockerps", id)).Where(Directory.Exists))];

    private static ShellRun Succeeded(ShellRun run)
    {
        Assert.True(run.ExitCode == 0 && run.Error.Length == 0, $"exit code {run.ExitCode}\n{run.Output}\n{run.Error}");
        return run;
    }
}
