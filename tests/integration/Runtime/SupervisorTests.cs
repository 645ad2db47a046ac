using System.Globalization;
using DockerPS.Engine;
using DockerPS.Integration.Containers;
using Xunit;

namespace DockerPS.Integration.Runtime;

/// <summary>What only the supervisor can be asked: its memory, its manners towards a slow reader, what a hostile image sees.</summary>
public sealed class SupervisorTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private static readonly ContainerSpec Plain = new() { Image = EngineFixture.Image };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_supervisor_at_rest_takes_less_than_two_and_a_half_megabytes()
    {
        Container container = await fixture.CreateAsync("sleep", "1000");
        await fixture.Engine.StartContainerAsync(container.Id, CancellationToken.None);
        int supervisor = ParentOf(fixture.Engine.GetContainer(container.Id).Pid!.Value);
        long kilobytes = 0;
        // It gives memory back some milliseconds after the start.
        bool small = SpinWait.SpinUntil(() => (kilobytes = ProportionalSetSize(supervisor)) < 2500, Patience);
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
        Assert.True(small, $"PSS is {kilobytes} kB.");
    }

    [Fact]
    public async Task A_reader_that_does_not_read_makes_the_container_wait_and_not_the_supervisor()
    {
        Container container = await fixture.CreateAsync(Plain with { Command = ["sh", "-c", "while :; do echo 0123456789012345678901234567890123456789; done"] });
        using var release = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        Task<ProcessExit> run = Task.Run(() => fixture.Engine.StartAttachedAsync(
            container.Id,
            new Attachment(
                (_, _) =>
                {
                    blocked.Set();
                    release.Wait();
                },
                null),
            CancellationToken.None));
        Assert.True(blocked.Wait(Patience));
        // All pipes are full by now or soon; another session ends the container all the same, and sees it ended.
        using (ContainerEngine other = fixture.Open())
        {
            Container stopped = await other.StopContainerAsync(container.Id, TimeSpan.Zero, null, CancellationToken.None).WaitAsync(Patience);
            Assert.Equal(ContainerState.Exited, stopped.State);
        }

        release.Set();
        Assert.Equal(137, (await run).ExitCode);
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
    }

    [Fact]
    public async Task No_descriptor_of_the_host_leaks_in()
    {
        (_, string output, _) = await fixture.ShellAsync("for f in /proc/self/fd/*; do readlink $f; done | grep -v pipe: | grep -v /dev/null | grep -v /proc/");
        Assert.Equal("", output);
    }

    [Fact]
    public async Task The_reaper_shows_nothing_of_the_host_and_cannot_be_opened()
    {
        (_, string output, _) = await fixture.ShellAsync(
            "cat /proc/1/cmdline | head -c 40; echo; readlink /proc/1/exe || echo closed; cat /proc/1/environ >/dev/null 2>&1 || echo closed", Plain with { Init = true });
        string[] lines = output.Split('\n');
        Assert.StartsWith("init", lines[0]);
        Assert.DoesNotContain("dockerps", output);
        Assert.Equal(["closed", "closed"], lines[1..3]);
    }

    [Fact]
    public async Task Orphans_are_reaped_and_signals_forwarded_with_init()
    {
        Container container = await fixture.CreateAsync(Plain with
        {
            Init = true,
            Command = ["sh", "-c", "(sh -c 'sleep 0.1 &' ); trap 'ls -d /proc/[0-9]* | grep -c proc; exit 9' TERM; echo ready; while :; do sleep 0.05; done"],
        });
        var streams = new EngineFixture.Streams();
        Task<ProcessExit> run = fixture.Engine.StartAttachedAsync(container.Id, streams.Attachment, CancellationToken.None);
        Assert.True(SpinWait.SpinUntil(() => streams.Out.Contains("ready"), Patience));
        await fixture.Engine.SendSignalAsync(container.Id, "TERM", CancellationToken.None);
        Assert.Equal(9, (await run).ExitCode);
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
    }

    [Fact]
    public async Task A_link_in_a_mounts_target_stays_in_the_container()
    {
        string marker = Directory.CreateTempSubdirectory("dockerps-bind-").FullName;
        string outside = Directory.CreateTempSubdirectory("dockerps-outside-").FullName;
        try
        {
            // The first container leaves a link that points out of its root; a mount on it must land inside.
            Container container = await fixture.CreateAsync(Plain with
            {
                Command = ["sh", "-c", $"test -e /link && ls -d {outside}/made || readlink -f . ; [ -L /link ] || {{ ln -s / /x; ln -s {outside} /link; }}"],
            });
            await RunToEndAsync(container.Id);
            Container second = await fixture.CreateAsync(Plain with
            {
                Command = ["sh", "-c", $"ln -s {outside} /link; ls {outside} 2>/dev/null; true"],
                Mounts = [new ContainerMount { Source = marker, Target = "/link/made" }],
            });
            await RunToEndAsync(second.Id);
            Assert.Empty(Directory.GetFileSystemEntries(outside));
            foreach (string id in (string[])[container.Id, second.Id]) await fixture.Engine.RemoveContainerAsync(id, force: true, CancellationToken.None);
        }
        finally
        {
            Directory.Delete(marker, recursive: true);
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task Memory_beyond_the_limit_is_reported_as_such()
    {
        Container container = await fixture.CreateAsync(Plain with
        {
            Memory = 16 << 20,
            MemorySwap = 16 << 20,
            Command = ["sh", "-c", "dd if=/dev/zero of=/dev/shm/x bs=1M count=40"],
        });
        await RunToEndAsync(container.Id);
        Container ended = fixture.Engine.GetContainer(container.Id);
        Assert.True(ended.OomKilled);
        Assert.NotEqual(0, ended.ExitCode);
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
    }

    private async Task RunToEndAsync(string id) =>
        await fixture.Engine.StartAttachedAsync(id, new EngineFixture.Streams().Attachment, CancellationToken.None);

    private static int ParentOf(int pid) =>
        int.Parse(File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ')[1], CultureInfo.InvariantCulture);

    private static long ProportionalSetSize(int pid) => File.ReadLines($"/proc/{pid}/smaps_rollup")
        .Where(l => l.StartsWith("Pss:", StringComparison.Ordinal))
        .Select(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)).Single();
}
