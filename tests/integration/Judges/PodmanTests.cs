using DockerPS.Integration.OciRuntime;
using Xunit;

namespace DockerPS.Integration.Judges;

/// <summary>podman and conmon drive the runtime.</summary>
public sealed class PodmanTests(PodmanFixture podman) : IClassFixture<PodmanFixture>
{
    [Theory]
    [InlineData(7, "sh", "-c", "exit 7")]
    [InlineData(127, "nosuchprogram")]
    [InlineData(126, "/etc/plain")]
    [InlineData(143, "sh", "-c", "sh -c 'kill -TERM $$'; exit $?")]
    public void Run_has_the_exit_code(int code, params string[] command) =>
        Assert.Equal(code, podman.RunContainer([PodmanFixture.Image, .. command]).Code);

    [Fact]
    public void Run_passes_input_and_output()
    {
        OciResult result = podman.RunWithInput("words", "run", "--rm", "-i", "--network", "none", PodmanFixture.Image, "sh", "-c", "cat; echo err >&2");
        Assert.Equal((0, "words", "err\n"), (result.Code, result.Out, result.Error));
    }

    [Fact]
    public void Run_gives_a_terminal_limits_and_privileges()
    {
        OciResult result = podman.RunContainer(
            "-t", "--user", "user", "--read-only", "--tmpfs", "/mnt:size=4m", "--pids-limit", "50", "--memory", "64m", "--cap-drop", "all",
            "--security-opt", "no-new-privileges", PodmanFixture.Image, "sh", "-c", "tty; id -u; touch /x; grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status");
        Assert.True(result.Code == 0, result.Error + result.Out);
        string[] lines = result.Out.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal("/dev/pts/0", lines[0]);
        Assert.Equal("1000", lines[1]);
        Assert.Contains("Read-only file system", lines[2]);
        Assert.Equal(["CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"], lines[3..6]);
    }

    [Fact]
    public void Run_maps_users()
    {
        OciResult result = podman.RunContainer(
            "--uidmap", "0:100000:2000", "--gidmap", "0:100000:2000", PodmanFixture.Image, "sh", "-c", "id -u; stat -c %u /etc/passwd; cat /proc/self/uid_map");
        Assert.True(result.Code == 0, result.Error);
        Assert.Equal(["0", "0", "0", "100000", "2000"], result.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_container_in_the_background_is_commanded_paused_stopped_and_started_again()
    {
        string id = podman.Do("run", "-d", "--network", "none", PodmanFixture.Image, "sleep", "1000");
        Assert.Equal("inside", podman.Do("exec", id, "echo", "inside"));
        Assert.Equal("/dev/pts/0", podman.Do("exec", "-t", id, "tty").TrimEnd('\r'));
        Assert.Equal(9, podman.Run("exec", id, "sh", "-c", "exit 9").Code);
        Assert.Equal(127, podman.Run("exec", id, "nosuchprogram").Code);
        Assert.Contains("sleep 1000", podman.Do("top", id));
        podman.Do("pause", id);
        Assert.Equal("paused", podman.Do("inspect", "-f", "{{.State.Status}}", id));
        podman.Do("unpause", id);
        podman.Do("stop", "-t", "0", id);
        Assert.Equal("exited 137", podman.Do("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", id));
        podman.Do("start", id);
        Assert.Equal("running", podman.Do("inspect", "-f", "{{.State.Status}}", id));
        podman.Do("rm", "-f", "-t", "0", id);
        Assert.Equal(1, podman.Run("container", "exists", id).Code);
    }

    [Fact]
    public void A_pod_shares_its_namespaces()
    {
        string pod = podman.Do("pod", "create", "--network", "none", "--infra-image", PodmanFixture.Image, "--infra-command", "sleep 1000");
        string id = podman.Do("run", "-d", "--pod", pod, PodmanFixture.Image, "sleep", "1000");
        string own = podman.Do("inspect", "-f", "{{.State.Pid}}", id);
        string infra = podman.Do("inspect", "-f", "{{.State.Pid}}", podman.Do("pod", "inspect", "-f", "{{.InfraContainerID}}", pod));
        foreach (string name in (string[])["net", "ipc", "uts"])
            Assert.Equal(new FileInfo($"/proc/{infra}/ns/{name}").LinkTarget, new FileInfo($"/proc/{own}/ns/{name}").LinkTarget);
        podman.Do("pod", "rm", "-f", "-t", "0", pod);
    }
}
