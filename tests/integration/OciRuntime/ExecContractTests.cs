using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary><c>exec</c> as shims and people call it.</summary>
public sealed class ExecContractTests
{
    [Fact]
    public void It_has_the_exit_code_and_streams_of_its_command()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        OciResult result = bundle.RunWithInput("to be read", "exec", id, "sh", "-c", "cat; echo err >&2; exit 9");
        Assert.Equal((9, "to be read", "err\n"), (result.Code, result.Out, result.Error));
    }

    [Theory]
    [InlineData("nosuchprogram", "executable file not found in $PATH")]
    [InlineData("/no/such/program", "no such file or directory")]
    [InlineData("/etc/plain", "permission denied")]
    public void A_program_that_cannot_be_executed_is_told_with_the_words_that_dockerd_looks_for(string program, string words)
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        OciResult result = bundle.Run("exec", id, program);
        Assert.Equal(255, result.Code);
        Assert.Contains(program, result.Error);
        Assert.Contains(words, result.Error);
        OciResult detached = bundle.Run("exec", "--detach", id, program);
        Assert.NotEqual(0, detached.Code);
        Assert.Contains(words, detached.Error);
        Assert.Equal("running", bundle.Status(id));
    }

    [Fact]
    public void Options_set_user_directory_environment_and_groups()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        string output = bundle.Do(
            "exec", "--user", "1000:1001", "--additional-gids", "55", "--cwd", "/tmp", "--env", "A=1", "-e", "B=2", id, "sh", "-c", "id; pwd; echo $A$B");
        Assert.Equal("uid=1000(user) gid=1001 groups=55\n/tmp\n12\n", output);
    }

    [Fact]
    public void A_process_file_stands_alone()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        File.WriteAllText(bundle.In("process.json"), """
            { "args": [ "sh", "-c", "echo $A; grep CapEff /proc/self/status; pwd" ], "cwd": "/tmp", "env": [ "PATH=/bin", "A=own" ], "user": { "uid": 0, "gid": 0 },
              "capabilities": { "bounding": [ "CAP_KILL" ], "effective": [ "CAP_KILL" ], "permitted": [ "CAP_KILL" ] } }
            """);
        Assert.Equal("own\nCapEff:\t0000000000000020\n/tmp\n", bundle.Do("exec", "--process", bundle.In("process.json"), id));
    }

    [Fact]
    public void A_detached_process_lives_in_the_containers_cgroup_and_namespaces()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        bundle.Do("exec", "--detach", "--pid-file", bundle.In("exec-pid"), id, "sleep", "997");
        int pid = int.Parse(File.ReadAllText(bundle.In("exec-pid")));
        int init = bundle.Pid(id);
        foreach (string name in (string[])["pid", "net", "ipc", "uts", "mnt"])
            Assert.Equal(new FileInfo($"/proc/{init}/ns/{name}").LinkTarget, new FileInfo($"/proc/{pid}/ns/{name}").LinkTarget);
        Assert.Equal(File.ReadAllText($"/proc/{init}/cgroup"), File.ReadAllText($"/proc/{pid}/cgroup"));
    }

    [Fact]
    public void Preserved_descriptors_arrive_with_the_next_numbers()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        File.WriteAllText(bundle.In("given"), "given\n");
        OciResult result = OciResult.Of(
            bundle.Path, "/bin/sh", "", "-c", "exec 3<given 4<given; exec \"$@\"", "sh", bundle.Runtime, "--root", bundle.StateRoot,
            "exec", "--preserve-fds", "1", id, "sh", "-c", "cat <&3; ls /proc/self/fd | head -c 60");
        Assert.Equal((0, ""), (result.Code, result.Error));
        string[] words = result.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("given", words[0]);
        // 0 to 3, and the directory that ls itself reads.
        Assert.Equal(["0", "1", "2", "3", "4"], words[1..]);
    }

    [Fact]
    public void A_stopped_container_takes_no_command()
    {
        using var bundle = new OciBundle("true");
        string id = bundle.Create();
        bundle.AwaitStatus(id, "stopped");
        OciResult result = bundle.Run("exec", id, "true");
        Assert.NotEqual(0, result.Code);
        Assert.Contains("stopped", result.Error);
    }

    [Fact]
    public void A_paused_container_takes_no_command_until_it_is_resumed()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        bundle.Do("pause", id);
        Assert.Equal("paused", bundle.Status(id));
        OciResult result = bundle.Run("exec", id, "true");
        Assert.NotEqual(0, result.Code);
        Assert.Contains("paused", result.Error);
        bundle.Do("resume", id);
        Assert.Equal("running", bundle.Status(id));
        bundle.Do("exec", id, "true");
    }
}
