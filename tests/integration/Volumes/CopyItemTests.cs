using DockerPS.Engine;
using Xunit;

namespace DockerPS.Integration.Volumes;

/// <summary>Copies between the host and containers, with docker cp's rules, and against a container that changes paths meanwhile.</summary>
public sealed class CopyItemTests(VolumeFixture store) : IClassFixture<VolumeFixture>, IDisposable
{
    private static readonly CancellationToken s_token = CancellationToken.None;
    private readonly string _host = Directory.CreateTempSubdirectory("dockerps-copy-").FullName;

    public void Dispose() => Directory.Delete(_host, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_target_means_what_it_means_to_docker(bool running)
    {
        Container container = await ContainerAsync(running);
        string id = container.Id, file = Path.Combine(_host, "file"), tree = Path.Combine(_host, "tree");
        File.WriteAllText(file, "text");
        Directory.CreateDirectory(Path.Combine(tree, "below"));
        File.WriteAllText(Path.Combine(tree, "below/x"), "x");

        await InAsync(id, file, "/tmp");
        await InAsync(id, file, "/tmp/renamed");
        await InAsync(id, tree, "/tmp/made");
        await InAsync(id, tree, "/tmp/made");
        await InAsync(id, tree + "/.", "/tmp");
        await InAsync(id, file, "/data/in-volume");
        await OutAsync(id, "/tmp/.", Path.Combine(_host, "out"));
        Assert.Equal(
            ["below", "below/x", "file", "made", "made/below", "made/below/x", "made/tree", "made/tree/below", "made/tree/below/x", "renamed"],
            Directory.EnumerateFileSystemEntries(Path.Combine(_host, "out"), "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(Path.Combine(_host, "out"), p)).Order(StringComparer.Ordinal));
        await OutAsync(id, "/data/in-volume", file + "2");
        Assert.Equal("text", File.ReadAllText(file + "2"));

        Assert.Equal("PathNotFound", await FailureAsync(() => InAsync(id, file, "/none/x")));
        Assert.Equal("PathNotFound", await FailureAsync(() => InAsync(id, file, "/tmp/none/")));
        Assert.Equal("PathNotFound", await FailureAsync(() => OutAsync(id, "/none", _host)));
        Assert.Equal("PathNotDirectory", await FailureAsync(() => InAsync(id, tree, "/tmp/file")));
        Assert.Equal("PathNotDirectory", await FailureAsync(() => OutAsync(id, "/tmp/file/", _host)));
        await store.RemoveAsync(container);
        Assert.Equal(0, store.MountsOnHost());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Links_wildcards_and_owners(bool running)
    {
        Container container = await ContainerAsync(running);
        await OutAsync(container.Id, "/data/link", Path.Combine(_host, "link"));
        Assert.Equal("/etc/passwd", new FileInfo(Path.Combine(_host, "link")).LinkTarget);
        await store.Engine.CopyItemAsync(new ItemCopy { From = container.Id, Source = "/data/link", Target = Path.Combine(_host, "followed"), FollowLink = true }, null, s_token);
        Assert.StartsWith("root:x:0:0:root:/:", File.ReadAllText(Path.Combine(_host, "followed")));
        IReadOnlyList<ContainerItemCopy> many = await store.Engine.CopyItemAsync(
            new ItemCopy { From = container.Id, Source = "/d?ta/many/1[0-4]", Target = _host, Wildcards = true }, null, s_token);
        Assert.Equal(["10", "11", "12", "13", "14"], many.Select(m => Path.GetFileName(m.Destination)));
        Assert.Equal("PathNotFound", await FailureAsync(() => store.Engine.CopyItemAsync(
            new ItemCopy { From = container.Id, Source = "/data/no*", Target = _host, Wildcards = true }, null, s_token)));

        Container other = await ContainerAsync(running: true);
        foreach (bool archive in (bool[])[false, true])
            await store.Engine.CopyItemAsync(new ItemCopy { From = container.Id, To = other.Id, Source = "/data/file", Target = "/tmp/" + archive, Archive = archive }, null, s_token);
        await OutAsync(other.Id, "/tmp/.", Path.Combine(_host, "kept"), archive: true);
        Assert.Equal("0:0 1001:1002", Owner("kept/False") + " " + Owner("kept/True"));
        await store.RemoveAsync(container);
        await store.RemoveAsync(other);
    }

    [Fact]
    public async Task Owners_are_the_containers_own_where_it_has_users_of_its_own()
    {
        Container container = await store.Engine.CreateContainerAsync(
            new ContainerSpec
            {
                Image = VolumeFixture.Image, Command = ["sleep", "600"], UserNamespace = new ContainerUserNamespace { Mode = ContainerUserNamespaceMode.Auto },
            }, s_token);
        await store.Engine.StartContainerAsync(container.Id, s_token);
        File.WriteAllText(Path.Combine(_host, "mine"), "x");
        await InAsync(container.Id, Path.Combine(_host, "mine"), "/tmp/mine");
        await OutAsync(container.Id, "/data/file", Path.Combine(_host, "out"), archive: true);
        await OutAsync(container.Id, "/tmp/mine", Path.Combine(_host, "back"), archive: true);
        Assert.Equal("1001:1002 0:0", Owner("out") + " " + Owner("back"));
        await store.RemoveAsync(container);
    }

    [Fact]
    public async Task A_container_that_swaps_directories_for_links_meanwhile_leads_no_copy_to_the_host()
    {
        string secret = Path.Combine(_host, "secret"), tree = Path.Combine(_host, "tree");
        Directory.CreateDirectory(secret);
        File.WriteAllText(Path.Combine(secret, "x"), "of the host");
        Directory.CreateDirectory(Path.Combine(tree, "a/b"));
        foreach (string name in (string[])["a/x", "a/b/x", "x"]) File.WriteAllText(Path.Combine(tree, name), "copied");
        Container attacker = await store.StartAsync(
            $"while true; do mkdir -p /race/a/b; echo inside > /race/x; rm -rf /race; ln -s {secret} /race; rm -rf /race; mkdir -p /race; ln -s {secret} /race/a; rm -rf /race; done");
        for (int i = 0; i < 60; i++)
        {
            await TryAsync(() => InAsync(attacker.Id, tree + "/.", "/race"));
            await TryAsync(() => InAsync(attacker.Id, Path.Combine(tree, "x"), "/race/a/y"));
            string got = Path.Combine(_host, "got" + i);
            await TryAsync(() => store.Engine.CopyItemAsync(new ItemCopy { From = attacker.Id, Source = "/race/x", Target = got, FollowLink = true }, null, s_token));
            if (File.Exists(got)) Assert.DoesNotContain("of the host", File.ReadAllText(got));
        }

        await store.RemoveAsync(attacker);
        Assert.Equal(["x"], Directory.EnumerateFileSystemEntries(secret).Select(Path.GetFileName));
        Assert.Equal("of the host", File.ReadAllText(Path.Combine(secret, "x")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_copied_into_or_onto_itself(bool running)
    {
        Container container = await ContainerAsync(running);
        await WithinAsync("/data/file", "/tmp/d/", make: true);
        foreach ((string source, string target) in ((string, string)[])
            [("/tmp", "/tmp/new"), ("/tmp", "/tmp/d"), ("/tmp/.", "/tmp/d"), ("/tmp/d", "/tmp"), ("/tmp/d/file", "/tmp/d"), ("/", "/tmp/d")])
        {
            var error = await Record.ExceptionAsync(() => WithinAsync(source, target)) as DockerException;
            Assert.True(error?.ErrorId == "InvalidPath", $"{source} to {target}: {error?.ErrorId}");
        }

        await OutAsync(container.Id, "/tmp/.", Path.Combine(_host, "out"));
        Assert.Equal(
            ["d", "d/file"],
            Directory.EnumerateFileSystemEntries(Path.Combine(_host, "out"), "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(Path.Combine(_host, "out"), p)).Order(StringComparer.Ordinal));
        Assert.Equal("content", File.ReadAllText(Path.Combine(_host, "out/d/file")));
        await store.RemoveAsync(container);

        async Task WithinAsync(string source, string target, bool make = false)
        {
            if (make) await InAsync(container.Id, Directory.CreateDirectory(Path.Combine(_host, "d")).FullName, target.TrimEnd('/'));
            await store.Engine.CopyItemAsync(new ItemCopy { From = container.Id, To = container.Id, Source = source, Target = target }, null, s_token);
        }
    }

    [Fact]
    public async Task A_directory_that_holds_the_store_does_not_become_a_volume()
    {
        _ = store.Engine;
        Assert.Equal("InvalidPath", await FailureAsync(() => store.Engine.ImportVolumeAsync("all", store.Root, false, new Dictionary<string, string>(), null, s_token)));
        Assert.DoesNotContain("all", store.Engine.GetVolumeNames());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(store.Root, "volumes/.new")));
    }

    [Fact]
    public async Task The_right_to_act_as_an_owner_goes_with_an_owner_who_is_not_kept()
    {
        Container container = await store.StartAsync(
            "cd /tmp; touch theirs roots; chown 1001 theirs; busybox chmod 6755 theirs roots; sleep 600", ContainerMount.Parse($"set{Guid.NewGuid():N}:/data"));
        for (int i = 0; i < 500 && (await store.Engine.CopyItemAsync(
            new ItemCopy { From = container.Id, Source = "/tmp/.", Target = _host, Archive = true }, null, s_token)).Count > 0 && !Mode("roots").HasFlag(UnixFileMode.SetUser); i++) await Task.Yield();
        Assert.True(Mode("theirs").HasFlag(UnixFileMode.SetUser));
        await OutAsync(container.Id, "/tmp/.", Path.Combine(_host, "plain"));
        Assert.Equal(("0:0", (UnixFileMode)0x1ED, (UnixFileMode)0xDED), (Owner("plain/theirs"), Mode("plain/theirs"), Mode("plain/roots")));
        await store.RemoveAsync(container);
    }

    [Fact]
    public async Task What_the_kernel_shows_is_copied_by_single_files_with_all_that_is_in_them()
    {
        Container container = await store.StartAsync("sleep 600");
        await OutAsync(container.Id, "/proc/version", Path.Combine(_host, "version"));
        Assert.Equal(File.ReadAllText("/proc/version"), File.ReadAllText(Path.Combine(_host, "version")));
        await InAsync(container.Id, "/sys/kernel/mm/transparent_hugepage/enabled", "/tmp/enabled");
        await OutAsync(container.Id, "/tmp/enabled", Path.Combine(_host, "enabled"));
        Assert.Equal(File.ReadAllText("/sys/kernel/mm/transparent_hugepage/enabled"), File.ReadAllText(Path.Combine(_host, "enabled")));
        Assert.Equal("InvalidPath", await FailureAsync(() => OutAsync(container.Id, "/proc", Path.Combine(_host, "proc"))));
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_host, "socket")));
        Assert.Equal("InvalidPath", await FailureAsync(() => InAsync(container.Id, Path.Combine(_host, "socket"), "/tmp/socket")));
        await store.RemoveAsync(container);
    }

    [Fact]
    public async Task What_is_in_memory_only_while_a_container_runs_is_neither_read_nor_written_before()
    {
        store.Engine.CreateVolume("copy-memory", new Dictionary<string, string>(), new Dictionary<string, string> { ["type"] = "tmpfs" });
        File.WriteAllText(Path.Combine(_host, "x"), "x");
        Container stopped = await store.CreateAsync("true", ContainerMount.ParseTmpfs("/data"), ContainerMount.Parse("copy-memory:/m:nocopy"));
        foreach (string place in (string[])["/data/x", "/m/x"]) Assert.Equal("FileSystemReadOnly", await FailureAsync(() => InAsync(stopped.Id, Path.Combine(_host, "x"), place)));
        Assert.Equal("PathNotFound", await FailureAsync(() => OutAsync(stopped.Id, "/data/file", Path.Combine(_host, "hidden"))));
        // While another container has the volume, it is there.
        Container holder = await store.StartAsync("sleep 600", ContainerMount.Parse("copy-memory:/m:nocopy"));
        await InAsync(stopped.Id, Path.Combine(_host, "x"), "/m/x");
        await OutAsync(holder.Id, "/m/x", Path.Combine(_host, "back"));
        Assert.Equal("x", File.ReadAllText(Path.Combine(_host, "back")));
        await store.RemoveAsync(holder);
        await store.RemoveAsync(stopped);
        store.Engine.RemoveVolume("copy-memory");
    }

    [Fact]
    public async Task A_volume_that_is_read_only_by_its_options_is_not_written_to()
    {
        string directory = Directory.CreateDirectory(Path.Combine(_host, "bound")).FullName;
        store.Engine.CreateVolume("copy-ro", new Dictionary<string, string>(), new Dictionary<string, string> { ["o"] = "bind,ro", ["device"] = directory });
        Container container = await store.CreateAsync("true", ContainerMount.Parse("copy-ro:/data"));
        Assert.Equal("FileSystemReadOnly", await FailureAsync(() => InAsync(container.Id, "/etc/hostname", "/data/x")));
        await store.Engine.StartContainerAsync(container.Id, s_token);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
        await store.RemoveAsync(container);
        store.Engine.RemoveVolume("copy-ro");
    }

    private UnixFileMode Mode(string name) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(Path.Combine(_host, name));

    private Task<Container> ContainerAsync(bool running)
    {
        ContainerMount volume = ContainerMount.Parse($"copies{Guid.NewGuid():N}:/data");
        return running ? store.StartAsync("sleep 600", volume) : store.CreateAsync("true", volume);
    }

    private Task<IReadOnlyList<ContainerItemCopy>> InAsync(string container, string source, string target) =>
        store.Engine.CopyItemAsync(new ItemCopy { To = container, Source = source, Target = target }, null, s_token);

    private Task<IReadOnlyList<ContainerItemCopy>> OutAsync(string container, string source, string target, bool archive = false) =>
        store.Engine.CopyItemAsync(new ItemCopy { From = container, Source = source, Target = target, Archive = archive }, null, s_token);

    private static async Task<string> FailureAsync(Func<Task> copy) => (await Assert.ThrowsAnyAsync<DockerException>(copy)).ErrorId;

    private static async Task TryAsync(Func<Task> copy)
    {
        try
        {
            await copy();
        }
        catch (DockerException)
        {
            // What is swapped away at the moment cannot be copied.
        }
    }

    private unsafe string Owner(string name)
    {
        Linux.LibC.statx_result facts;
        fixed (byte* path = System.Text.Encoding.UTF8.GetBytes(Path.Combine(_host, name) + "\0"))
            Assert.Equal(0, Linux.LibC.statx(Linux.LibC.AT_FDCWD, path, 0, Linux.LibC.STATX_BASIC_STATS, &facts));
        return $"{facts.User}:{facts.Group}";
    }
}
