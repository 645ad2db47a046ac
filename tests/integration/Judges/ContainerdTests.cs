using DockerPS.Integration.OciRuntime;
using Xunit;

namespace DockerPS.Integration.Judges;

/// <summary>containerd's io.containerd.runc.v2 shim with BinaryName drives the runtime.</summary>
[Collection(nameof(DockerCollection))]
public sealed class ContainerdTests(DockerFixture docker)
{
    private readonly string _id = "judge-" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public void Run_has_output_and_exit_code()
    {
        OciResult result = docker.Ctr(docker.CtrRun("--rm", DockerFixture.Image, _id, "sh", "-c", "echo hello; exit 7"));
        Assert.Equal((7, "hello\n"), (result.Code, result.Out));
    }

    [Fact]
    public void A_missing_program_is_named()
    {
        OciResult result = docker.Ctr(docker.CtrRun("--rm", DockerFixture.Image, _id, "nosuchprogram"));
        Assert.Equal(1, result.Code);
        Assert.Contains("nosuchprogram", result.Error);
        Assert.Contains("executable file not found in $PATH", result.Error);
    }

    [Fact]
    public void A_task_is_commanded_paused_resumed_killed_and_deleted()
    {
        docker.DoCtr(docker.CtrRun("--detach", DockerFixture.Image, _id, "sleep", "1000"));
        Assert.Equal("inside", docker.DoCtr("tasks", "exec", "--exec-id", "first", _id, "echo", "inside"));
        Assert.Equal(9, docker.Ctr("tasks", "exec", "--exec-id", "second", _id, "sh", "-c", "exit 9").Code);
        docker.DoCtr("tasks", "exec", "--detach", "--exec-id", "third", _id, "sleep", "994");
        Assert.Equal(3, docker.DoCtr("tasks", "ps", _id).Split('\n').Length);
        docker.DoCtr("tasks", "pause", _id);
        Assert.Contains("PAUSED", Status());
        docker.DoCtr("tasks", "resume", _id);
        Assert.Contains("RUNNING", Status());
        docker.DoCtr("tasks", "kill", "--signal", "KILL", "--exec-id", "third", _id);
        docker.DoCtr("tasks", "kill", "--all", "--signal", "KILL", _id);
        Assert.True(SpinWait.SpinUntil(() => Status().Contains("STOPPED"), TimeSpan.FromSeconds(20)));
        docker.DoCtr("tasks", "delete", _id);
        docker.DoCtr("containers", "delete", _id);
    }

    private string Status() => docker.DoCtr("tasks", "list").Split('\n').Single(l => l.StartsWith(_id, StringComparison.Ordinal));
}
