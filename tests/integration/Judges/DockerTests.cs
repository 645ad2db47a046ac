using DockerPS.Integration.OciRuntime;
using Xunit;

namespace DockerPS.Integration.Judges;

/// <summary>One dockerd and one containerd serve the tests of both.</summary>
[CollectionDefinition(nameof(DockerCollection))]
public sealed class DockerCollection : ICollectionFixture<DockerFixture>;

/// <summary>dockerd drives the runtime through containerd's shim.</summary>
[Collection(nameof(DockerCollection))]
public sealed class DockerTests(DockerFixture docker)
{
    [Theory]
    [InlineData(7, "", "sh", "-c", "exit 7")]
    [InlineData(127, "executable file not found in $PATH", "nosuchprogram")]
    [InlineData(127, "no such file or directory", "/no/such/program")]
    [InlineData(126, "permission denied", "/etc/plain")]
    public void Run_has_the_exit_code_and_says_why(int code, string words, params string[] command)
    {
        OciResult result = docker.RunContainer([DockerFixture.Image, .. command]);
        Assert.Equal(code, result.Code);
        Assert.Contains(words, result.Error);
    }

    [Fact]
    public void Run_passes_input_and_output()
    {
        OciResult result = docker.DockerWithInput("words", "run", "--rm", "-i", "--network", "none", DockerFixture.Image, "sh", "-c", "cat; echo err >&2");
        Assert.Equal((0, "words", "err\n"), (result.Code, result.Out, result.Error));
    }

    [Fact]
    public void Run_gives_a_terminal_limits_and_privileges()
    {
        OciResult result = docker.RunContainer(
            "-t", "--user", "user", "--read-only", "--tmpfs", "/mnt:size=4m", "--pids-limit", "50", "--memory", "64m", "--cap-drop", "all", "--init",
            "--security-opt", "no-new-privileges", DockerFixture.Image, "sh", "-c", "tty; id -u; touch /x; grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status");
        Assert.True(result.Code == 0, result.Error + result.Out);
        string[] lines = result.Out.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal("/dev/pts/0", lines[0]);
        Assert.Equal("1000", lines[1]);
        Assert.Contains("Read-only file system", lines[2]);
        Assert.Equal(["CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"], lines[3..6]);
    }

    [Fact]
    public void A_container_in_the_background_is_commanded_updated_paused_stopped_and_started_again()
    {
        string id = docker.Do("run", "-d", "--network", "none", "--memory", "64m", DockerFixture.Image, "sleep", "1000");
        Assert.Equal("inside", docker.Do("exec", id, "echo", "inside"));
        Assert.Equal("/dev/pts/0", docker.Do("exec", "-t", id, "tty").TrimEnd('\r'));
        Assert.Equal(9, docker.Docker("exec", id, "sh", "-c", "exit 9").Code);
        Assert.Contains("sleep 1000", docker.Do("top", id));
        docker.Do("update", "--memory", "96m", "--memory-swap", "96m", id);
        Assert.Equal("100663296", docker.Do("exec", id, "sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max"));
        docker.Do("pause", id);
        Assert.Equal("paused", docker.Do("inspect", "-f", "{{.State.Status}}", id));
        docker.Do("unpause", id);
        docker.Do("stop", "-t", "0", id);
        Assert.Equal("exited 137", docker.Do("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", id));
        docker.Do("start", id);
        Assert.Equal("running", docker.Do("inspect", "-f", "{{.State.Status}}", id));
        docker.Do("rm", "-f", id);
        Assert.Equal(1, docker.Docker("inspect", id).Code);
    }

    [Fact]
    public void A_container_that_fails_is_restarted_as_often_as_its_policy_says()
    {
        string id = docker.Do("run", "-d", "--network", "none", "--restart", "on-failure:2", DockerFixture.Image, "sh", "-c", "echo try; exit 3");
        Assert.True(SpinWait.SpinUntil(() => docker.Do("inspect", "-f", "{{.RestartCount}} {{.State.Status}}", id) == "2 exited", TimeSpan.FromSeconds(30)));
        Assert.Equal("try\ntry\ntry", docker.Do("logs", id));
        docker.Do("rm", id);
    }

    [Fact]
    public void Containers_share_namespaces()
    {
        string id = docker.Do("run", "-d", "--network", "none", "--ipc", "shareable", DockerFixture.Image, "sleep", "995");
        OciResult result = docker.Docker(
            "run", "--rm", "--network", "container:" + id, "--pid", "container:" + id, "--ipc", "container:" + id, DockerFixture.Image, "ps");
        Assert.Contains("sleep 995", result.Out + result.Error);
        docker.Do("rm", "-f", id);
    }
}
