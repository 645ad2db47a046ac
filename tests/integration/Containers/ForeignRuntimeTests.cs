using DockerPS.Engine;
using Xunit;

namespace DockerPS.Integration.Containers;

/// <summary>Containers that another OCI runtime makes (<c>-Runtime</c>), beside the same supervisor.</summary>
public sealed class ForeignRuntimeTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public async Task It_runs_as_a_container_of_our_own_does(string runtime)
    {
        ContainerSpec plain = Plain(runtime);
        await SkipWhereItRefusesAsync(runtime);
        (int code, string output, string error) = await fixture.RunAsync(
            plain with { Command = ["sh", "-c", "cat; id -u; id -G; pwd; hostname; echo $HOME; echo bad >&2; grep -c tmpfs.*/scratch /proc/mounts; exit 7"],
                User = "1000:50", GroupAdd = ["60"], WorkingDirectory = "/tmp", Hostname = "inside", Interactive = true,
                Mounts = [new ContainerMount { Type = ContainerMountType.Tmpfs, Target = "/scratch" }] },
            "fed\n");
        Assert.Equal((7, "fed\n1000\n50 60\n/tmp\ninside\n/\n1\n", "bad\n"), (code, output, error));
    }

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public async Task Its_life_is_the_same_and_leaves_nothing(string runtime)
    {
        await SkipWhereItRefusesAsync(runtime);
        Container c = await fixture.CreateAsync(Plain(runtime) with
        {
            Command = ["sh", "-c", "trap 'echo stopped; exit 3' TERM; echo started; while true; do sleep 0.1; done"], Memory = 64 << 20,
        });
        c = await fixture.Engine.StartContainerAsync(c.Id, _token);
        Assert.Equal((ContainerState.Running, runtime), (c.State, c.Runtime));
        var streams = new EngineFixture.Streams();
        ProcessExit exit = await fixture.Engine.ExecuteAsync(
            c.Id, new ContainerCommand { Arguments = ["sh", "-c", "id -u; cat /proc/1/cmdline | tr '\\0' ' ' | cut -c1-5; exit 5"], User = "42" },
            streams.Attachment, _token);
        Assert.Equal((5, "42\nsh -c\n"), (exit.ExitCode, streams.Out));
        var terminal = new EngineFixture.Streams();
        await fixture.Engine.ExecuteAsync(c.Id, new ContainerCommand { Arguments = ["sh", "-c", "tty"], Tty = true }, terminal.Attachment, _token);
        Assert.StartsWith("/dev/", terminal.Out);
        c = await fixture.Engine.SuspendContainerAsync(c.Id, _token);
        Assert.Equal(ContainerState.Paused, c.State);
        c = await fixture.Engine.ResumeContainerAsync(c.Id, _token);
        Assert.Equal(ContainerState.Running, c.State);
        c = await fixture.Engine.StopContainerAsync(c.Id, TimeSpan.FromSeconds(20), null, _token);
        Assert.Equal((ContainerState.Exited, 3), (c.State, c.ExitCode));
        // Its second life.
        c = await fixture.Engine.StartContainerAsync(c.Id, _token);
        c = await fixture.Engine.StopContainerAsync(c.Id, TimeSpan.Zero, "KILL", _token);
        Assert.Equal((ContainerState.Exited, 137), (c.State, c.ExitCode));
        List<string> lines = [];
        await foreach (ContainerLogEntry line in fixture.Engine.GetLogAsync(c.Id, new LogFilter(), _token)) lines.Add(line.Line);
        Assert.Equal(["started", "stopped", "started"], lines);
        Assert.Empty(Directory.GetDirectories(fixture.Root + "/run"));
        Assert.DoesNotContain(c.Id, File.ReadAllText("/proc/self/mountinfo"));
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", c.Id, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 }));
    }

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public async Task A_terminal_and_a_device_of_the_host_are_there(string runtime)
    {
        await SkipWhereItRefusesAsync(runtime);
        (int code, string output, _) = await fixture.RunAsync(Plain(runtime) with
        {
            Command = ["sh", "-c", "tty; head -c 4 /dev/nothing | wc -c"], Tty = true,
            Devices = [new ContainerDevice { Source = "/dev/zero", Target = "/dev/nothing" }],
        });
        Assert.Equal((0, "/dev/pts/0\r\n4\r\n"), (code, output));
    }

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public async Task Its_refusal_is_told_in_its_words_and_leaves_nothing(string runtime)
    {
        await SkipWhereItRefusesAsync(runtime);
        Container c = await fixture.CreateAsync(Plain(runtime) with { Command = ["nosuch"] });
        ContainerRuntimeException refused = await Assert.ThrowsAsync<ContainerRuntimeException>(() => fixture.Engine.StartContainerAsync(c.Id, _token));
        Assert.Equal(("CommandNotFound", 127), (refused.ErrorId, refused.ExitCode));
        Assert.Contains(runtime + " create: ", refused.Message);
        Assert.False(Directory.Exists(fixture.Root + "/run/" + c.Id[..32]));
    }

    [Fact]
    public async Task When_its_supervisor_is_killed_the_container_is_found_and_ended()
    {
        await SkipWhereItRefusesAsync("runc");
        Container c = await fixture.CreateAsync(Plain("runc") with { Command = ["sleep", "1000"] });
        c = await fixture.Engine.StartContainerAsync(c.Id, _token);
        await fixture.KillSupervisorAsync(c.Id);
        using ContainerEngine session = fixture.Open();
        c = session.GetContainers(new ContainerFilter { Names = [c.Id] }).Single();
        Assert.Equal((ContainerState.Exited, 137), (c.State, c.ExitCode));
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", c.Id, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 }));
        Assert.False(Directory.Exists(fixture.Root + "/run/" + c.Id[..32]));
    }

    [Theory]
    [InlineData("nosuchruntime", "RuntimeNotFound")]
    [InlineData("/etc/passwd", "RuntimeNotFound")]
    [InlineData("../crun", "RuntimeNotFound")]
    public async Task A_runtime_that_is_none_is_refused(string runtime, string error) =>
        Assert.Equal(
            error,
            (await Assert.ThrowsAsync<DockerArgumentException>(() => fixture.CreateAsync(Plain(runtime) with { Command = ["true"] }))).ErrorId);

    [Fact]
    public async Task What_it_cannot_do_is_refused_before_anything_is_made()
    {
        ContainerSpec plain = Plain("runc") with { Command = ["true"] };
        Assert.SkipUnless(ContainerEngine.RuntimeNames.Contains("runc"), "SKIPPED: runc is not installed; it is Debian's package of that name.");
        foreach (ContainerSpec spec in (ContainerSpec[])
            [plain with { Init = true }, plain with { UserNamespace = new ContainerUserNamespace { Mode = ContainerUserNamespaceMode.Auto } }])
            Assert.Equal("InvalidRuntime", (await Assert.ThrowsAsync<DockerArgumentException>(() => fixture.CreateAsync(spec))).ErrorId);
    }

    private static ContainerSpec Plain(string runtime) => new() { Image = EngineFixture.Image, Runtime = runtime };

    /// <summary>crun, for one, takes no machine with version 1 and version 2 of cgroups side by side.</summary>
    private async Task SkipWhereItRefusesAsync(string runtime)
    {
        Assert.SkipUnless(
            ContainerEngine.RuntimeNames.Contains(runtime), $"SKIPPED: {runtime} is not installed; it is Debian's package of that name.");
        try
        {
            await fixture.RunAsync(Plain(runtime) with { Command = ["true"] });
        }
        catch (ContainerRuntimeException e) when (runtime == "crun" && e.Message.Contains("cgroup", StringComparison.Ordinal))
        {
            Assert.Skip($"SKIPPED: crun does not run on this machine: {e.Message}");
        }
    }
}
