using System.Diagnostics;
using DockerPS.Integration.Shell;
using Xunit;

namespace DockerPS.Integration.Cmdlets;

/// <summary>A session that is killed leaves its containers to the next one: nothing is lost, nothing stays.</summary>
public sealed class KilledSessionTests(ShellFixture fixture) : IClassFixture<ShellFixture>
{
    private const string Endless = "tools -Name victim -Command sh, '-c', 'echo begun; exec sleep 1000'";

    /// <summary>From the moment that the session says it begins, up to about when the command has ended on a slow machine.</summary>
    [Theory]
    [InlineData($"Invoke-Container {Endless}", 600, 3)]
    [InlineData("Start-Container victim", 200, 3)]
    [InlineData("Stop-Container victim -GracePeriod 0", 100, 2)]
    [InlineData("Stop-Container victim -GracePeriod 5", 200, 2)]
    public async Task Killed_at_any_moment_it_leaves_all_to_the_next_session(string command, int limit, int rounds)
    {
        var moments = new RandomMoments();
        for (int round = 0; round < rounds; round++) await The_next_session_sees_stops_reads_and_removes(command, moments.Next(limit));
    }

    /// <summary>Nobody would know that the container is to go on.</summary>
    [Fact]
    public async Task Killed_while_it_makes_an_image_of_a_container_it_leaves_that_running()
    {
        await fixture.LinesAsync("$null = Invoke-Container -Detach tools -Name held -Command sleep, 1000");
        string directory = Assert.Single(Directory.GetDirectories(Path.Combine(fixture.Root, "containers")));
        string state = Path.Combine(directory, "state.json");
        // Enough that reading it takes a moment.
        await File.WriteAllBytesAsync(Path.Combine(directory, "upper", "big"), new byte[400 << 20], TestContext.Current.CancellationToken);
        using (Process session = ShellProcess.Start("-Command", fixture.InStore("ConvertTo-ContainerImage held held:1")))
        {
            await Until(() => session.HasExited || File.ReadAllText(state).Contains("\"paused\"", StringComparison.Ordinal));
            Assert.False(session.HasExited);
            session.Kill();
            await session.WaitForExitAsync();
        }

        await Until(() => File.ReadAllText(state).Contains("\"running\"", StringComparison.Ordinal));
        Assert.Equal(
            ["Running", "still"],
            await fixture.LinesAsync("(Get-Container held).State.ToString(); Invoke-ContainerCommand held echo still; Remove-Container held -Force"));
    }

    private static async Task Until(Func<bool> condition)
    {
        for (long end = Environment.TickCount64 + 30_000; !condition();)
        {
            Assert.True(Environment.TickCount64 < end, "It did not come to that in 30 seconds.");
            await Task.Delay(5);
        }
    }

    private async Task The_next_session_sees_stops_reads_and_removes(string command, double milliseconds)
    {
        if (command.StartsWith("Start", StringComparison.Ordinal)) await fixture.LinesAsync($"$null = New-Container {Endless}");
        if (command.StartsWith("Stop", StringComparison.Ordinal)) await fixture.LinesAsync($"$null = Invoke-Container -Detach {Endless}");

        await KillAsync(command, milliseconds);

        string[] lines = await fixture.LinesAsync("""
            $found = @(Get-Container -All)
            "found $($found.Count)"
            foreach ($container in $found) {
                "id $($container.Id)"
                "name $($container.Name)"
                if ($container.State -eq 'Running') { Stop-Container $container -GracePeriod 0 }
                "state $((Get-Container victim).State)"
                "log $((Get-ContainerLog victim).Line)"
                Remove-Container victim
            }
            "left $(@(Get-Container -All).Count)"
            """);
        string[] ids = [.. lines.Where(line => line.StartsWith("id ", StringComparison.Ordinal)).Select(line => line[3..])];
        // A container that was there before is there after; one that the session was creating may not have come to be.
        Assert.True(ids.Length == 1 || (ids.Length == 0 && command.StartsWith("Invoke", StringComparison.Ordinal)), string.Join('\n', lines));
        if (ids.Length == 1)
        {
            Assert.Contains("name victim", lines);
            Assert.True(lines.Contains("state Exited") || lines.Contains("state Created"), string.Join('\n', lines));
            if (command.StartsWith("Stop", StringComparison.Ordinal)) Assert.Contains("log begun", lines);
        }
        Assert.Contains("left 0", lines);
        Assert.Empty(fixture.Mounts());
        Assert.Empty(ShellFixture.Cgroups(ids));
        string containers = Path.Combine(fixture.Root, "containers");
        Assert.Empty(Directory.Exists(containers) ? Directory.GetDirectories(containers) : []);
    }

    private async Task KillAsync(string command, double milliseconds)
    {
        using Process session = ShellProcess.Start("-Command", fixture.InStore($"$null = Get-Container -All; 'ready'; {command}"));
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            Assert.Equal("ready", await session.StandardOutput.ReadLineAsync(limit.Token));
            // Not waiting for a condition: the moment is what the test is about.
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), limit.Token);
        }
        finally
        {
            // This process alone, as kill -9 does.
            session.Kill();
            await session.WaitForExitAsync();
        }
    }
}
