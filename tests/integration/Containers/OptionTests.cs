using Xunit;

namespace DockerPS.Integration.Containers;

public sealed class OptionTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private static readonly ContainerSpec Plain = new() { Image = EngineFixture.Image };

    [Fact]
    public async Task Environment_directory_user_and_hostname_are_as_asked()
    {
        (_, string output, _) = await fixture.ShellAsync(
            "echo $A; pwd; id -u; id -g; hostname", Plain with { Environment = ["A=b c"], WorkingDirectory = "/new/dir", User = "1000:50", Hostname = "inside" });
        Assert.Equal("b c\n/new/dir\n1000\n50\ninside\n", output);
    }

    [Fact]
    public async Task The_process_is_number_one_and_sees_only_itself_and_loopback()
    {
        (_, string output, _) = await fixture.ShellAsync("echo $$; ls /sys/class/net; ls -d /proc/[0-9]*");
        Assert.StartsWith("1\nlo\n/proc/1\n", output);
    }

    [Fact]
    public async Task Binds_and_tmpfs_are_mounted()
    {
        string host = Directory.CreateTempSubdirectory("dockerps-bind-").FullName;
        try
        {
            (int code, string output, _) = await fixture.ShellAsync(
                "echo x > /rw/file; touch /ro/no 2>/dev/null && exit 9; grep -c 'tmpfs /scratch' /proc/mounts; cat /ro/file",
                Plain with
                {
                    Mounts =
                    [
                        new ContainerMount { Source = host, Target = "/rw" },
                        new ContainerMount { Source = host, Target = "/ro", ReadOnly = true },
                        new ContainerMount { Type = ContainerMountType.Tmpfs, Target = "/scratch", TmpfsSize = 1 << 20 },
                    ],
                });
            Assert.Equal((0, "1\nx\n"), (code, output));
            Assert.Equal("x\n", await File.ReadAllTextAsync(Path.Combine(host, "file"), TestContext.Current.CancellationToken));
        }
        finally
        {
            Directory.Delete(host, recursive: true);
        }
    }

    [Theory]
    [InlineData("/in:ro", false)]
    [InlineData("/in:ro-non-recursive", true)]
    public async Task A_read_only_bind_is_so_with_what_is_mounted_below(string target, bool writable)
    {
        string host = Directory.CreateTempSubdirectory("dockerps-bind-").FullName;
        string below = Directory.CreateDirectory(Path.Combine(host, "below")).FullName;
        try
        {
            await MountAsync("mount", "-t", "tmpfs", "tmpfs", below);
            (_, string output, _) = await fixture.ShellAsync(
                "touch /in/file && echo wrote; touch /in/below/file && echo wrote below; grep -c /in/below /proc/self/mountinfo",
                Plain with { Mounts = [ContainerMount.Parse($"{host}:{target}")] });
            Assert.Equal(writable ? "wrote below\n1\n" : "1\n", output);
            // The host's own mount is as it was.
            await File.WriteAllTextAsync(Path.Combine(below, "host"), "x", TestContext.Current.CancellationToken);
        }
        finally
        {
            await MountAsync("umount", below);
            Directory.Delete(host, recursive: true);
        }

        static async Task MountAsync(string command, params string[] arguments)
        {
            using var process = System.Diagnostics.Process.Start(command, arguments);
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
    }

    [Fact]
    public async Task A_read_only_root_refuses_writing() =>
        Assert.NotEqual(0, (await fixture.ShellAsync("touch /file", Plain with { ReadOnly = true })).ExitCode);

    [Fact]
    public async Task Limits_are_enforced_by_the_kernel()
    {
        (_, string output, _) = await fixture.ShellAsync(
            "ulimit -n; cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max 2>/dev/null "
            + "|| cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max",
            Plain with { Memory = 32 << 20, PidsLimit = 50, Ulimits = [new ContainerUlimit { Name = "nofile", Soft = 100, Hard = 200 }] });
        Assert.Equal("100\n33554432\n50\n", output);
    }

    [Fact]
    public async Task Capabilities_and_no_new_privileges_are_the_processs()
    {
        (_, string output, _) = await fixture.ShellAsync(
            "grep -E 'CapBnd|CapEff|NoNewPrivs' /proc/1/status", Plain with { CapDrop = ["ALL"], CapAdd = ["CHOWN"], SecurityOptions = ["no-new-privileges"] });
        Assert.Equal("CapEff:\t0000000000000001\nCapBnd:\t0000000000000001\nNoNewPrivs:\t1\n", output);
    }

    [Fact]
    public async Task Privileged_sees_the_hosts_devices_and_others_do_not()
    {
        const string script = "ls /dev | grep -c -E '^(kmsg|loop-control|mem)$'";
        Assert.Equal("0\n", (await fixture.ShellAsync(script)).Out);
        Assert.NotEqual("0\n", (await fixture.ShellAsync(script, Plain with { Privileged = true })).Out);
    }

    [Fact]
    public async Task A_namespace_is_shared_with_another_container()
    {
        Container other = await fixture.CreateAsync("sleep", "60");
        await fixture.Engine.StartContainerAsync(other.Id, CancellationToken.None);
        string pid = $"/proc/{fixture.Engine.GetContainer(other.Id).Pid}/ns/net";
        (_, string output, _) = await fixture.ShellAsync("readlink /proc/self/ns/net; hostname", Plain with { Network = "container:" + other.Name });
        Assert.Equal(File.ResolveLinkTarget(pid, false)!.Name + "\n" + other.Hostname + "\n", output);
        await fixture.Engine.RemoveContainerAsync(other.Id, true, CancellationToken.None);
        await Assert.ThrowsAsync<DockerNotFoundException>(() => fixture.ShellAsync("true", Plain with { Network = "container:" + other.Name }));
    }

    [Fact]
    public async Task A_terminal_is_one()
    {
        (_, string output, _) = await fixture.ShellAsync("test -t 1 && echo tty $TERM", Plain with { Tty = true });
        Assert.Equal("tty xterm\r\n", output);
    }

    [Fact]
    public async Task An_unknown_user_is_an_error_of_its_own() => Assert.Equal(
        "UserNotFound", (await Assert.ThrowsAsync<ContainerRuntimeException>(() => fixture.ShellAsync("true", Plain with { User = "nosuch" }))).ErrorId);

    [Fact]
    public async Task The_hosts_message_queues_are_seen_with_its_ipc_namespace()
    {
        (int code, string output, string error) = await fixture.ShellAsync(
            "readlink /proc/self/ns/ipc; grep ' /dev/mqueue ' /proc/self/mountinfo",
            new ContainerSpec { Image = EngineFixture.Image, IpcMode = "host" });
        Assert.True(code == 0, error);
        Assert.StartsWith(File.ResolveLinkTarget("/proc/self/ns/ipc", returnFinalTarget: false)!.Name + "\n", output);
        Assert.Contains(" mqueue ", output);
    }

    [Fact]
    public async Task A_cgroup_parent_holds_the_containers_cgroup()
    {
        string parent = "/dockerps-test-" + Guid.NewGuid().ToString("N")[..8];
        try
        {
            (int code, string output, _) = await fixture.ShellAsync(
                "cat /proc/self/cgroup", new ContainerSpec { Image = EngineFixture.Image, CgroupParent = parent, CgroupMode = "host" });
            Assert.Equal(0, code);
            Assert.Contains(parent + "/", output);
        }
        finally
        {
            foreach (string hierarchy in Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup"))
                if (Directory.Exists(hierarchy + parent)) Directory.Delete(hierarchy + parent);
        }
    }

    [Fact]
    public async Task A_rule_for_devices_allows_what_the_container_makes_itself()
    {
        // 1:11 is kmsg, which a container may make but not open.
        const string script = "busybox mknod /node c 1 11 && (: < /node) && echo open";
        var spec = new ContainerSpec { Image = EngineFixture.Image, CapAdd = ["MKNOD", "SYSLOG"] };
        Assert.DoesNotContain("open\n", (await fixture.ShellAsync(script, spec)).Out);
        Assert.Contains("open\n", (await fixture.ShellAsync(script, spec with { DeviceCgroupRules = ["c 1:11 r"] })).Out);
    }
}
