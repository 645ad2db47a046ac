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
