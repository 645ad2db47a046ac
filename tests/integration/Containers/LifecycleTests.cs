using System.Diagnostics;
using DockerPS.Engine;
using DockerPS.Engine.Containers;
using DockerPS.Oci.Bundle;
using Xunit;

namespace DockerPS.Integration.Containers;

public sealed class LifecycleTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    private ContainerEngine Engine => fixture.Engine;

    [Fact]
    public async Task A_command_runs_and_its_output_and_exit_code_come_back()
    {
        (int code, string output, string error) = await fixture.ShellAsync("echo out; echo err >&2; exit 7");
        Assert.Equal((7, "out\n", "err\n"), (code, output, error));
    }

    [Fact]
    public async Task Input_is_fed_and_ends()
    {
        string text = string.Concat(Enumerable.Repeat("0123456789abcdef\n", 20_000));
        (int code, string output, _) = await fixture.RunAsync(new ContainerSpec { Image = EngineFixture.Image, Command = ["cat"] }, text);
        Assert.Equal(0, code);
        Assert.Equal(text, output);
    }

    [Fact]
    public async Task A_container_goes_through_its_whole_life()
    {
        Container c = await fixture.CreateAsync("sh", "-c", "echo hello; exec sleep 60");
        Assert.Equal((ContainerState.Created, "Created"), (c.State, c.Status));
        c = await Engine.StartContainerAsync(c.Name, _token);
        Assert.Equal(ContainerState.Running, c.State);
        Assert.True(c.Pid > 0);
        Assert.StartsWith("Up", c.Status);
        Assert.Contains(Engine.GetContainers(new ContainerFilter()), x => x.Id == c.Id);

        c = await Engine.SuspendContainerAsync(c.Id, _token);
        Assert.Equal(ContainerState.Paused, c.State);
        Assert.Equal("ContainerPaused", (await Assert.ThrowsAsync<DockerInvalidStateException>(() => Engine.SuspendContainerAsync(c.Id, _token))).ErrorId);
        c = await Engine.ResumeContainerAsync(c.Id, _token);
        Assert.Equal(ContainerState.Running, c.State);

        Container renamed = Engine.RenameContainer(c.Id, "renamed-" + c.ShortId);
        Assert.Equal("renamed-" + c.ShortId, renamed.Name);
        Assert.Equal("ContainerRunning", (await Assert.ThrowsAsync<DockerInvalidStateException>(() => Engine.RemoveContainerAsync(c.Id, false, _token))).ErrorId);

        c = await Engine.StopContainerAsync(c.Id, Short, null, _token);
        Assert.Equal(ContainerState.Exited, c.State);
        Assert.True(c.ExitCode is 137 or 143);
        Assert.Null(c.Pid);
        c = await Engine.StopContainerAsync(c.Id, Short, null, _token);
        Assert.Equal(ContainerState.Exited, c.State);

        c = await Engine.RestartContainerAsync(c.Id, Short, _token);
        Assert.Equal(ContainerState.Running, c.State);
        await Engine.RemoveContainerAsync(c.Id, force: true, _token);
        Assert.Equal("ContainerNotFound", Assert.Throws<DockerNotFoundException>(() => Engine.GetContainer(c.Id)).ErrorId);
        Assert.False(Directory.Exists(Path.Combine(fixture.Root, "containers", c.Id)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_keeps_what_the_container_wrote(bool autoRemove)
    {
        Container c = await fixture.CreateAsync(new ContainerSpec
        {
            Image = EngineFixture.Image, AutoRemove = autoRemove, Command = ["sh", "-c", "echo run >> /count; exec sleep 1000"],
        });
        await Engine.StartContainerAsync(c.Id, _token);
        for (int runs = 1; runs <= 3; runs++)
        {
            var streams = new EngineFixture.Streams();
            string script = $"while [ $(cat /count | grep -c run) != {runs} ]; do sleep 0.02; done; cat /count";
            // Told by timeout of the run when a run before was forgotten.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_token);
            limit.CancelAfter(TimeSpan.FromSeconds(20));
            await Engine.ExecuteAsync(c.Id, new ContainerCommand { Arguments = ["sh", "-c", script] }, streams.Attachment, limit.Token);
            Assert.Equal(string.Concat(Enumerable.Repeat("run\n", runs)), streams.Out);
            if (runs < 3) Assert.Equal(ContainerState.Running, (await Engine.RestartContainerAsync(c.Id, Short, _token)).State);
        }

        await Engine.StopContainerAsync(c.Id, Short, null, _token);
        if (autoRemove) Assert.False(Directory.Exists(Path.Combine(fixture.Root, "containers", c.Id)));
        else await Engine.RemoveContainerAsync(c.Id, false, _token);
    }

    [Fact]
    public async Task Exit_codes_are_Dockers()
    {
        var missing = await Assert.ThrowsAsync<ContainerRuntimeException>(
            () => fixture.RunAsync(new ContainerSpec { Image = EngineFixture.Image, Command = ["nosuchcommand"] }));
        Assert.Equal(("CommandNotFound", 127), (missing.ErrorId, missing.ExitCode));
        var directory = await Assert.ThrowsAsync<ContainerRuntimeException>(
            () => fixture.RunAsync(new ContainerSpec { Image = EngineFixture.Image, Command = ["/etc/passwd"] }));
        Assert.Equal(("CommandNotExecutable", 126), (directory.ErrorId, directory.ExitCode));
        Assert.Equal(137, (await fixture.ShellAsync("kill -9 $$", new ContainerSpec { Image = EngineFixture.Image, Init = true })).ExitCode);
    }

    [Fact]
    public async Task A_failed_start_leaves_the_container_created_with_code_and_reason()
    {
        Container c = await fixture.CreateAsync("nosuchcommand");
        await Assert.ThrowsAsync<ContainerRuntimeException>(() => Engine.StartContainerAsync(c.Id, _token));
        c = Engine.GetContainer(c.Id);
        Assert.Equal((ContainerState.Created, 127), (c.State, c.ExitCode));
        Assert.NotNull(c.Error);
        await Engine.RemoveContainerAsync(c.Id, false, _token);
    }

    [Fact]
    public async Task A_taken_name_is_refused_and_names_the_holder()
    {
        Container c = await fixture.CreateAsync(new ContainerSpec { Image = EngineFixture.Image, Name = "taken", Command = ["true"] });
        var error = await Assert.ThrowsAsync<DockerConflictException>(
            () => fixture.CreateAsync(new ContainerSpec { Image = EngineFixture.Image, Name = "taken", Command = ["true"] }));
        Assert.Equal("NameTaken", error.ErrorId);
        Assert.Contains(c.ShortId, error.Message);
        await Engine.RemoveContainerAsync(c.Id, false, _token);
    }

    [Fact]
    public async Task Commands_run_in_a_running_container()
    {
        Container c = await fixture.CreateAsync("sleep", "60");
        await Engine.StartContainerAsync(c.Id, _token);
        var streams = new EngineFixture.Streams("input");
        ProcessExit exit = await Engine.ExecuteAsync(
            c.Id, new ContainerCommand { Arguments = ["sh", "-c", "cat; echo $A; exit 5"], Environment = ["A=b"] }, streams.Attachment, _token);
        Assert.Equal((5, "inputb\n"), (exit.ExitCode, streams.Out));
        var error = await Assert.ThrowsAsync<ContainerRuntimeException>(
            () => Engine.ExecuteAsync(c.Id, new ContainerCommand { Arguments = ["nosuch"] }, null, _token));
        Assert.Equal("CommandNotFound", error.ErrorId);
        using var cancellation = new CancellationTokenSource(Short);
        long start = Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Engine.ExecuteAsync(c.Id, new ContainerCommand { Arguments = ["sleep", "30"] }, null, cancellation.Token));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
        await Engine.RemoveContainerAsync(c.Id, true, _token);
        Assert.Equal("ContainerNotFound", (await Assert.ThrowsAsync<DockerNotFoundException>(
            () => Engine.ExecuteAsync(c.Id, new ContainerCommand { Arguments = ["true"] }, null, _token))).ErrorId);
    }

    [Fact]
    public async Task Logs_are_read_whole_by_tail_and_followed()
    {
        Container c = await fixture.CreateAsync("sh", "-c", "echo one; echo two; sleep 0.3; echo three; printf rest");
        await Engine.StartContainerAsync(c.Id, _token);
        var followed = new List<string>();
        await foreach (ContainerLogEntry entry in Engine.GetLogAsync(c.Id, new LogFilter { Follow = true }, _token)) followed.Add(entry.Line);
        Assert.Equal(["one", "two", "three", "rest"], followed);
        var tail = new List<string>();
        await foreach (ContainerLogEntry entry in Engine.GetLogAsync(c.Id, new LogFilter { Tail = 2 }, _token)) tail.Add(entry.Line);
        Assert.Equal(["three", "rest"], tail);
        await Engine.RemoveContainerAsync(c.Id, true, _token);
    }

    [Fact]
    public async Task Waiting_and_signals_reach_the_process()
    {
        Container c = await fixture.CreateAsync("sh", "-c", "trap 'exit 42' USR1; echo ready; while true; do sleep 0.05; done");
        await Engine.StartContainerAsync(c.Id, _token);
        await foreach (ContainerLogEntry entry in Engine.GetLogAsync(c.Id, new LogFilter { Follow = true }, _token)) if (entry.Line == "ready") break;
        Task<ContainerExit> waiting = Engine.WaitContainerAsync(c.Id, _token);
        await Engine.SendSignalAsync(c.Id, "usr1", _token);
        Assert.Equal(42, (await waiting).ExitCode);
        Assert.Equal(42, (await Engine.WaitContainerAsync(c.Id, _token)).ExitCode);
        Assert.Equal("ContainerNotRunning", (await Assert.ThrowsAsync<DockerInvalidStateException>(() => Engine.SendSignalAsync(c.Id, "TERM", _token))).ErrorId);
        await Engine.RemoveContainerAsync(c.Id, false, _token);
    }

    [Fact]
    public async Task Cancelling_an_attached_run_stops_and_removes_the_container()
    {
        Container c = await fixture.CreateAsync(new ContainerSpec
        {
            Image = EngineFixture.Image, Command = ["sleep", "60"], AutoRemove = true, StopTimeout = Short,
        });
        using var cancellation = new CancellationTokenSource(Short);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Engine.StartAttachedAsync(c.Id, new EngineFixture.Streams().Attachment, cancellation.Token));
        Assert.Throws<DockerNotFoundException>(() => Engine.GetContainer(c.Id));
        Assert.False(Directory.Exists(Path.Combine(fixture.Root, "containers", c.Id)));
    }

    [Fact]
    public async Task A_killed_supervisor_is_noticed_and_its_container_killed()
    {
        Container c = await fixture.CreateAsync("sleep", "60");
        c = await Engine.StartContainerAsync(c.Id, _token);
        SupervisedState state = new ContainerDirectory(Engine.Options, c.Id).ReadState()!;
        await fixture.KillSupervisorAsync(c.Id);
        using ContainerEngine other = fixture.Open();
        c = other.GetContainer(c.Id);
        Assert.Equal((ContainerState.Exited, 137), (c.State, c.ExitCode));
        Assert.Contains("supervisor", c.Error);
        Assert.False(Liveness.Lives(state.Init!));
        Assert.All(state.Cgroups, cgroup => Assert.False(Directory.Exists(cgroup)));
        await other.RemoveContainerAsync(c.Id, false, _token);
    }

    [Fact]
    public async Task A_log_that_is_followed_is_whole_however_soon_the_container_ends()
    {
        for (int round = 0; round < 25; round++)
        {
            Container c = await fixture.CreateAsync("sh", "-c", "echo out; echo err >&2");
            await Engine.StartContainerAsync(c.Id, _token);
            var lines = new List<string>();
            await foreach (ContainerLogEntry entry in Engine.GetLogAsync(c.Id, new LogFilter { Follow = true }, _token)) lines.Add(entry.Line);
            Assert.Equal(["err", "out"], lines.Order());
            await Engine.RemoveContainerAsync(c.Id, false, _token);
        }
    }

    [Fact]
    public async Task A_supervisor_killed_at_any_moment_of_a_start_leaves_nothing_behind()
    {
        var moments = new RandomMoments();
        for (int round = 0; round < 12; round++)
        {
            Container c = await fixture.CreateAsync("sleep", "60");
            var directory = new ContainerDirectory(Engine.Options, c.Id);
            Task starting = Task.Run(() => Engine.StartContainerAsync(c.Id, _token));
            SupervisedState? state = null;
            while ((state = directory.ReadState()) is null && !starting.IsFaulted) await Task.Yield();
            await moments.WaitAsync(40);
            if (state is not null) Kill(state.Supervisor.Pid);
            // It may have been too late, or the first to hear of it.
            await starting.ContinueWith(_ => { }, _token);
            state = directory.ReadState() ?? state;

            using ContainerEngine other = fixture.Open();
            Assert.NotEqual(ContainerState.Running, other.GetContainer(c.Id).State);
            if (state?.Init is { } init) Assert.False(Liveness.Lives(init));
            Assert.All(state?.Cgroups ?? [], cgroup => Assert.False(Directory.Exists(cgroup), cgroup));
            await other.RemoveContainerAsync(c.Id, false, _token);
            Assert.False(Directory.Exists(directory.Root));
        }

        static void Kill(int pid)
        {
            try
            {
                using Process process = Process.GetProcessById(pid);
                process.Kill();
                process.WaitForExit();
            }
            catch (ArgumentException)
            {
                // It has ended.
            }
        }
    }

    [Fact]
    public async Task What_a_killed_remover_left_is_removed_at_the_next_opening()
    {
        _ = Engine;
        string left = Path.Combine(fixture.Root, "containers", new string('e', 64));
        Directory.CreateDirectory(Path.Combine(left, "upper", "etc"));
        using ContainerEngine other = fixture.Open();
        other.GetContainers(new ContainerFilter());
        Assert.False(Directory.Exists(left));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Twenty_sessions_at_once_disturb_each_other_in_nothing()
    {
        _ = Engine;
        await Parallel.ForEachAsync(Enumerable.Range(0, 20), new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (n, token) =>
        {
            using ContainerEngine session = fixture.Open();
            Container c = await session.CreateContainerAsync(
                new ContainerSpec { Image = EngineFixture.Image, Name = $"many-{n}", Command = ["sleep", "60"] }, token);
            await session.StartContainerAsync(c.Id, token);
            session.GetContainers(new ContainerFilter { All = true });
            await session.StopContainerAsync(c.Id, TimeSpan.Zero, null, token);
            await session.RemoveContainerAsync(c.Id, false, token);
        });
        Assert.DoesNotContain(Engine.GetContainers(new ContainerFilter { All = true }), c => c.Name.StartsWith("many-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_container_removed_by_many_goes_without_other_errors()
    {
        Container c = await fixture.CreateAsync("sleep", "60");
        await Engine.StartContainerAsync(c.Id, _token);
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), async (_, token) =>
        {
            try
            {
                await Engine.RemoveContainerAsync(c.Id, force: true, token);
            }
            catch (DockerNotFoundException)
            {
                // Another was faster.
            }
        });
        Assert.Throws<DockerNotFoundException>(() => Engine.GetContainer(c.Id));
    }
}
