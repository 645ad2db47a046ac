using System.Diagnostics;
using System.Globalization;
using DockerPS.Engine;
using Xunit;

namespace DockerPS.Integration.Containers;

/// <summary>Containers of root with users of their own.</summary>
public sealed class UserNamespaceTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private static readonly ContainerSpec Auto = new() { Image = EngineFixture.Image, UserNamespace = ContainerUserNamespace.Parse("auto") };

    [Fact]
    public async Task Root_inside_is_the_first_of_its_range_outside_and_has_rights_over_its_namespaces_alone()
    {
        await using Running container = await StartAsync(Auto with { CapAdd = ["SYS_ADMIN"] });
        ContainerIdMapping range = Assert.Single(container.Value.UserNamespace.UidMappings);
        Assert.Equal(0u, range.ContainerId);
        string[] status = await File.ReadAllLinesAsync($"/proc/{container.Pid}/status");
        string id = range.HostId.ToString(CultureInfo.InvariantCulture);
        Assert.Equal($"Uid:\t{id}\t{id}\t{id}\t{id}", status.Single(l => l.StartsWith("Uid:", StringComparison.Ordinal)));
        Assert.Equal($"Gid:\t{id}\t{id}\t{id}\t{id}", status.Single(l => l.StartsWith("Gid:", StringComparison.Ordinal)));
        Assert.NotEqual(Link("/proc/self/ns/user"), Link($"/proc/{container.Pid}/ns/user"));
        // With all capabilities it still is nobody to the host.
        (_, string output, _) = await fixture.ShellAsync("id -u; hostname other && hostname; echo 1 > /proc/sysrq-trigger || echo denied", Auto with { CapAdd = ["ALL"] });
        Assert.Equal(["0", "other", "denied"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Layers_and_new_files_belong_to_root_inside_without_a_copy()
    {
        await using Running container = await StartAsync(Auto, "ls -ln /bin/busybox /etc/passwd; echo more >> /etc/passwd; touch /tmp/new; ls -ln /etc/passwd /tmp/new; exec sleep 1000");
        (_, string output) = await ExecuteAsync(container, "ls -ln /bin/busybox /etc/passwd /tmp/new");
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(" 0        0 ", line));
        // On the disk they have the ids of the container, whatever those are on the host.
        string upper = Path.Combine(fixture.Root, "containers", container.Value.Id, "upper");
        Assert.Equal("0:0", Owner(Path.Combine(upper, "etc/passwd")));
        Assert.Equal("0:0", Owner(Path.Combine(upper, "tmp/new")));
    }

    [Fact]
    public async Task A_restart_keeps_the_range_and_the_files()
    {
        await using Running container = await StartAsync(Auto, "[ -e /tmp/mark ] && exec sleep 1000; mkdir -p /data/sub; echo kept > /data/sub/file; touch /tmp/mark");
        await fixture.Engine.WaitContainerAsync(container.Value.Id, CancellationToken.None);
        Container again = await fixture.Engine.StartContainerAsync(container.Value.Id, CancellationToken.None);
        Assert.Equal(container.Value.UserNamespace.UidMappings, again.UserNamespace.UidMappings);
        (_, string output) = await ExecuteAsync(container, "cat /data/sub/file && echo more >> /data/sub/file && ls -ln /data/sub/file && id -u");
        Assert.StartsWith("kept\n", output);
        Assert.Contains(" 0        0 ", output);
    }

    [Fact]
    public async Task A_command_is_root_in_the_same_namespace_and_its_output_can_be_opened()
    {
        await using Running container = await StartAsync(Auto);
        (int exit, string output) = await ExecuteAsync(container, "id -u; cat /proc/self/uid_map; echo again > /dev/stdout");
        Assert.Equal(0, exit);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ContainerIdMapping range = container.Value.UserNamespace.UidMappings[0];
        Assert.Equal("0", lines[0]);
        Assert.Equal(["0", $"{range.HostId}", "65536"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("again", lines[2]);
        (_, output) = await ExecuteAsync(container, "id -u; id -g; echo again > /dev/stdout", user: "1000:1000");
        Assert.Equal("1000\n1000\nagain\n", output);
    }

    [Fact]
    public async Task Two_automatic_ones_are_strangers()
    {
        await using Running one = await StartAsync(Auto);
        await using Running two = await StartAsync(Auto);
        Assert.False(one.Value.UserNamespace.UidMappings[0].SharesHostIds(two.Value.UserNamespace.UidMappings[0]));
        Assert.NotEqual(File.ReadAllText($"/proc/{one.Pid}/uid_map"), File.ReadAllText($"/proc/{two.Pid}/uid_map"));
    }

    [Fact]
    public async Task A_bind_shows_the_hosts_owners_unless_it_is_idmapped()
    {
        string directory = Directory.CreateTempSubdirectory("dockerps-userns-").FullName;
        try
        {
            Tool("chmod", "777", directory);
            await File.WriteAllTextAsync(Path.Combine(directory, "of-root"), "x");
            ContainerSpec spec = Auto with
            {
                UserNamespace = ContainerUserNamespace.Parse("1900000000:65536"),
                Mounts = [ContainerMount.Parse($"{directory}:/plain"), ContainerMount.Parse($"{directory}:/mapped:idmap")],
            };
            (int exit, string output, string error) = await fixture.ShellAsync(
                "touch /plain/by-plain /mapped/by-mapped; ls -ln /plain | grep of-root; ls -ln /mapped | grep of-root; ls -ln /plain/by-plain /mapped/by-mapped", spec);
            Assert.True(exit == 0, error);
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Contains(" 65534    65534 ", lines[0]);
            Assert.Contains(" 0        0 ", lines[1]);
            Assert.Contains(" 0        0 ", lines[2]);
            Assert.Contains(" 0        0 ", lines[3]);
            Assert.Equal("1900000000:1900000000", Owner(Path.Combine(directory, "by-plain")));
            Assert.Equal("0:0", Owner(Path.Combine(directory, "by-mapped")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task The_files_of_the_network_belong_to_root_and_can_be_written()
    {
        (int exit, string output, string error) = await fixture.ShellAsync("ls -ln /etc/hosts /etc/hostname /etc/resolv.conf; echo 127.0.0.2 two >> /etc/hosts", Auto);
        Assert.True(exit == 0, error);
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(" 0        0 ", line));
    }

    [Fact]
    public async Task The_user_who_ran_sudo_keeps_the_id()
    {
        Environment.SetEnvironmentVariable("SUDO_UID", "1234");
        Environment.SetEnvironmentVariable("SUDO_GID", "1235");
        try
        {
            string directory = Directory.CreateTempSubdirectory("dockerps-keep-").FullName;
            Chown(directory, "1234:1235");
            ContainerSpec spec = Auto with
            {
                UserNamespace = ContainerUserNamespace.Parse("keep-id"), Mounts = [ContainerMount.Parse($"{directory}:/home")],
            };
            (int exit, string output, string error) = await fixture.ShellAsync("id -u; id -g; touch /home/made; ls -ln /bin/busybox", spec);
            Assert.True(exit == 0, error);
            Assert.StartsWith("1234\n1235\n", output);
            Assert.Contains(" 0        0 ", output);
            Assert.Equal("1234:1235", Owner(Path.Combine(directory, "made")));
            Directory.Delete(directory, recursive: true);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SUDO_UID", null);
            Environment.SetEnvironmentVariable("SUDO_GID", null);
        }
    }

    [Fact]
    public async Task Devices_limits_and_the_score_are_those_that_were_asked_for()
    {
        (int exit, string output, string error) = await fixture.ShellAsync(
            "echo x > /dev/null; head -c 3 /dev/zero > /tmp/zeros; cat /proc/self/oom_score_adj; grep 'open files' /proc/self/limits; echo ok > /dev/full || echo full; ls -ln /dev/pts/ptmx",
            Auto with { OomScoreAdjust = 250, Ulimits = [ContainerUlimit.Parse("nofile=333:444")] });
        Assert.True(exit == 0, error);
        Assert.Contains("250\n", output);
        Assert.Matches("333 +444", output);
        Assert.Contains("full\n", output);
    }

    [Fact]
    public async Task What_cannot_map_owners_is_named_and_nothing_is_left()
    {
        var error = await Assert.ThrowsAsync<ContainerRuntimeException>(() => fixture.RunAsync(
            Auto with { Command = ["true"], Mounts = [ContainerMount.Parse("/proc:/in:bind,idmap")] }));
        Assert.Contains("'/proc' cannot map owners", error.Message);
        Assert.DoesNotContain(fixture.Engine.GetContainers(new ContainerFilter { All = true }), c => c.Spec.Mounts.Count > 0 && c.Mounts[0].Source == "/proc");
    }

    [Fact]
    public async Task The_network_of_another_container_can_be_shared()
    {
        await using Running other = await StartAsync(new ContainerSpec { Image = EngineFixture.Image });
        (int exit, string output, string error) = await fixture.ShellAsync("readlink /proc/self/ns/net; id -u; grep -c : /proc/self/net/dev", Auto with { Network = "container:" + other.Value.Name });
        Assert.True(exit == 0, error);
        Assert.Equal([Link($"/proc/{other.Pid}/ns/net"), "0", "1"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Link(string path) => new FileInfo(path).LinkTarget!;

    private static string Owner(string path) => Tool("stat", "-c", "%u:%g", path).Trim();

    private static void Chown(string path, string owner) => Tool("chown", owner, path);

    private static string Tool(string name, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private async Task<Running> StartAsync(ContainerSpec spec, string script = "exec sleep 1000")
    {
        Container made = await fixture.CreateAsync(spec with { Command = ["sh", "-c", script] });
        return new Running(fixture.Engine, await fixture.Engine.StartContainerAsync(made.Id, CancellationToken.None));
    }

    /// <summary>Once what the container does first is done, which a command of it waits for.</summary>
    private async Task<(int Exit, string Output)> ExecuteAsync(Running container, string script, string? user = null)
    {
        Assert.True(SpinWait.SpinUntil(() => Asleep(fixture.Engine.GetContainer(container.Value.Id).Pid), TimeSpan.FromSeconds(20)));
        var streams = new EngineFixture.Streams();
        ProcessExit exit = await fixture.Engine.ExecuteAsync(
            container.Value.Id, new ContainerCommand { Arguments = ["sh", "-c", script], User = user }, streams.Attachment, CancellationToken.None);
        return (exit.ExitCode, streams.Out + streams.Error);
    }

    private static bool Asleep(int? pid) => pid is { } p && File.ReadAllText($"/proc/{p}/cmdline").StartsWith("sleep", StringComparison.Ordinal);

    private sealed class Running(ContainerEngine engine, Container container) : IAsyncDisposable
    {
        public Container Value { get; } = container;

        public int Pid => Value.Pid!.Value;

        public async ValueTask DisposeAsync() => await engine.RemoveContainerAsync(Value.Id, force: true, CancellationToken.None);
    }
}
