using DockerPS.Engine;
using DockerPS.Integration.Layers;
using Xunit;

namespace DockerPS.Integration.Containers;

/// <summary>Images of containers, what they changed, and their files as a tar.</summary>
public sealed class CommitTests(EngineFixture fixture) : IClassFixture<EngineFixture>, IDisposable
{
    /// <summary>Changes of every kind.</summary>
    private const string Changes =
        "echo added > /added; echo more >> /etc/group; mkdir -p /deep/er; echo x > /deep/er/file; head -c 70000 /dev/zero > /zeros; "
        + "printf bytes > /tmp/$(printf 'n\\303\\244me'); chown 7:8 /added 2>/dev/null; true";

    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-commit-").FullName;

    public void Dispose() => LayerVerb.Shell($"rm -rf {_directory}");

    [Fact]
    public async Task A_stopped_container_becomes_an_image_that_shows_and_runs_the_same()
    {
        Container container = await RunAsync(new ContainerSpec { Image = EngineFixture.Image, Environment = ["A=b"], WorkingDirectory = "/tmp" }, Changes);
        ContainerImage image = await CommitAsync(container, new ContainerCommit
        {
            Name = "made:1", Changes = ["CMD [\"cat\", \"/added\"]", "LABEL x=y"], Author = "somebody", Message = "a note",
        });
        Assert.Equal(["cat", "/added"], image.Config.Command);
        Assert.Contains("A=b", image.Config.Environment);
        Assert.Equal("/tmp", image.Config.WorkingDirectory);
        Assert.Equal("y", image.Config.Labels["x"]);
        ContainerImageHistory step = fixture.Engine.GetImageHistory("made:1")[0];
        Assert.Equal(("a note", image.Layers[^1].DiffId), (step.Comment, step.Layer));
        (int code, string output, string error) = await fixture.RunAsync(new ContainerSpec { Image = "made:1" });
        Assert.Equal((0, "added\n", ""), (code, output, error));
        Assert.Equal("root:x:0:\nmore\n", (await fixture.RunAsync(new ContainerSpec { Image = "made:1", Command = ["cat", "/etc/group"] })).Out);
    }

    [Fact]
    public async Task The_layer_is_what_the_container_changed_and_nothing_of_mounts()
    {
        string mounted = Path.Combine(_directory, "mounted");
        Directory.CreateDirectory(mounted);
        Container container = await RunAsync(
            new ContainerSpec { Image = EngineFixture.Image, Mounts = [ContainerMount.Parse($"{mounted}:/data")], Tty = true },
            "echo secret > /data/secret; cd /bin; ./busybox rm hostname; ./busybox rm -r /etc; ./busybox mkdir /etc; echo n > /etc/new; "
            + "./busybox ln /etc/new /hard; ./busybox ln -s /etc/new /soft; ./busybox mknod /pipe p; ./busybox mkdir /empty; ./busybox chmod 2755 /empty");
        Dictionary<string, ContainerChange> changes = (await CompareAsync(container)).ToDictionary(c => c.Path);
        Assert.DoesNotContain("/data", changes.Keys);
        Assert.DoesNotContain(changes.Keys, p => p.StartsWith("/dev", StringComparison.Ordinal) || p.StartsWith("/proc", StringComparison.Ordinal));
        Assert.Equal(ContainerChangeKind.Deleted, changes["/bin/hostname"].Kind);
        Assert.Equal(ContainerFileType.SymbolicLink, changes["/bin/hostname"].Type);
        Assert.Equal("busybox", changes["/bin/hostname"].LinkTarget);
        Assert.Equal((ContainerChangeKind.Added, 2, "-rw-r--r--"), (changes["/etc/new"].Kind, changes["/etc/new"].Size, changes["/etc/new"].Mode));
        Assert.Equal(ContainerFileType.Fifo, changes["/pipe"].Type);
        Assert.Equal(("/etc/new", "drwxr-sr-x"), (changes["/soft"].LinkTarget, changes["/empty"].Mode));
        ContainerImage image = await CommitAsync(container, new ContainerCommit { Name = "layer:1" });
        string tar = Path.Combine(fixture.Root, "content/blobs", image.Layers[^1].DiffId.Replace(':', '/'));
        string[] names = LayerVerb.Shell($"tar -tf {tar}").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("bin/.wh.hostname", names);
        Assert.DoesNotContain(names, n => n.StartsWith("data", StringComparison.Ordinal) || n.StartsWith("dev", StringComparison.Ordinal));
        Assert.Equal("hard link\n", LayerVerb.Shell($"tar -tvf {tar} | grep -q 'hard.* link to\\|etc/new link to' && echo hard link"));
        (_, string output, _) = await fixture.RunAsync(new ContainerSpec { Image = "layer:1", Command = ["ls", "/bin/hostname", "/etc"], Entrypoint = [] });
        Assert.DoesNotContain("passwd", output);
        Assert.Contains("new", output);
    }

    [Fact]
    public async Task The_same_changes_give_the_same_layer_and_none_give_no_layer()
    {
        Container container = await RunAsync(new ContainerSpec { Image = EngineFixture.Image }, Changes);
        ContainerImage first = await CommitAsync(container, new ContainerCommit()), second = await CommitAsync(container, new ContainerCommit());
        Assert.Equal(first.Layers[^1], second.Layers[^1]);
        Assert.Equal("<none>", first.Repository);
        ContainerImage plain = await CommitAsync(await fixture.CreateAsync("true"), new ContainerCommit { Name = "plain:1" });
        Assert.Equal(fixture.Engine.GetImages(new ImageFilter { Names = [EngineFixture.Image] })[0].Layers, plain.Layers);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    public async Task A_running_or_paused_container_is_as_before_when_it_was_read(bool pause, bool paused, bool autoRemove)
    {
        Container container = await fixture.CreateAsync(new ContainerSpec
        {
            Image = EngineFixture.Image, Command = ["sh", "-c", "echo written > /file; echo ready; while true; do echo x >> /growing; sleep 0.01; done"], AutoRemove = autoRemove,
        });
        await fixture.Engine.StartContainerAsync(container.Id, CancellationToken.None);
        await LogAsync(container, "ready");
        if (paused) await fixture.Engine.SuspendContainerAsync(container.Id, CancellationToken.None);
        string name = $"running-{pause}-{paused}-{autoRemove}:1".ToLowerInvariant();
        await CommitAsync(container, new ContainerCommit { Name = name, Pause = pause, Changes = ["CMD [\"cat\", \"/file\"]", "ENTRYPOINT []"] });
        Assert.Contains(await CompareAsync(container), c => c is { Path: "/file", Kind: ContainerChangeKind.Added });
        Assert.Equal(paused ? ContainerState.Paused : ContainerState.Running, fixture.Engine.GetContainer(container.Id).State);
        Assert.Equal("written\n", (await fixture.RunAsync(new ContainerSpec { Image = name })).Out);
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
    }

    [Fact]
    public async Task A_stopped_commit_lets_the_container_go_on_and_leaves_nothing()
    {
        Container container = await fixture.CreateAsync("sh", "-c", "head -c 300000000 /dev/urandom > /big; echo ready; sleep 1000");
        await fixture.Engine.StartContainerAsync(container.Id, CancellationToken.None);
        await LogAsync(container, "ready");
        int images = fixture.Engine.GetImages(new ImageFilter()).Count;
        using var stop = new CancellationTokenSource();
        var progress = new Stopping(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.Engine.CommitContainerAsync(container.Id, new ContainerCommit(), progress, stop.Token));
        Assert.Equal(ContainerState.Running, fixture.Engine.GetContainer(container.Id).State);
        Assert.Equal(images, fixture.Engine.GetImages(new ImageFilter()).Count);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(fixture.Root, "content/ingest")));
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
    }

    [Fact]
    public async Task Owners_of_a_user_namespace_are_those_that_the_container_sees()
    {
        ContainerUserNamespace users = ContainerUserNamespace.Parse("0:200000:65536");
        Container container = await RunAsync(
            new ContainerSpec { Image = EngineFixture.Image, UserNamespace = users }, "echo mine > /mine; ./bin/busybox chown 33:44 /mine; ./bin/busybox chmod 4755 /mine; touch /root-s");
        Dictionary<string, ContainerChange> changes = (await CompareAsync(container)).ToDictionary(c => c.Path);
        Assert.Equal((33, 44, "-rwsr-xr-x"), (changes["/mine"].Uid, changes["/mine"].Gid, changes["/mine"].Mode));
        Assert.Equal(0, changes["/root-s"].Uid);
        await CommitAsync(container, new ContainerCommit { Name = "users:1", Changes = ["ENTRYPOINT []"] });
        (_, string output, _) = await fixture.RunAsync(new ContainerSpec { Image = "users:1", Command = ["ls", "-ln", "/mine"] });
        Assert.Matches(@"^-rwsr-xr-x\s+1 33\s+44 ", output);
        string tar = await ExportAsync(container, "users.tar");
        Assert.Contains("33/44", LayerVerb.Shell($"tar --numeric-owner -tvf {tar} mine"));
    }

    [Fact]
    public async Task Read_only_and_privileged_containers_have_only_their_own_changes()
    {
        Container readOnly = await RunAsync(new ContainerSpec { Image = EngineFixture.Image, ReadOnly = true }, "touch /no 2>/dev/null; true");
        Assert.Empty(await CompareAsync(readOnly));
        Container privileged = await RunAsync(
            new ContainerSpec { Image = EngineFixture.Image, Privileged = true },
            "./bin/busybox mknod /null c 1 3; ./bin/busybox mknod /none c 0 0 2>/dev/null; ./bin/busybox mount -t tmpfs tmpfs /tmp; echo hidden > /tmp/x; true");
        Assert.Equal(["/null"], (await CompareAsync(privileged)).Select(c => c.Path));
        await CommitAsync(privileged, new ContainerCommit { Name = "privileged:1" });
        string tar = await ExportAsync(privileged, "privileged.tar");
        Assert.Contains("crw", LayerVerb.Shell($"tar -tvf {tar} null"));
    }

    [Fact]
    public async Task File_capabilities_and_attributes_are_kept()
    {
        Container container = await RunAsync(new ContainerSpec { Image = EngineFixture.Image }, "echo x > /with");
        string upper = Path.Combine(fixture.Root, "containers", container.Id, "upper", "with");
        ExtendedAttributes.Set(upper, "user.note", "hello"u8);
        byte[] capability = Convert.FromHexString("0100000200040000000000000000000000000000");
        ExtendedAttributes.Set(upper, "security.capability", capability);
        ContainerImage image = await CommitAsync(container, new ContainerCommit { Name = "attributes:1" });
        string unpacked = Directory.EnumerateFiles(Path.Combine(fixture.Root, "layers"), "with", SearchOption.AllDirectories).Single();
        Assert.Equal("hello"u8, ExtendedAttributes.Get(unpacked, "user.note"));
        Assert.Equal(capability, ExtendedAttributes.Get(unpacked, "security.capability"));
        Assert.NotEmpty(image.Layers);
    }

    [Fact]
    public async Task A_container_that_puts_links_in_the_way_of_its_files_leads_nowhere_else()
    {
        string secret = Path.Combine(_directory, "secret");
        Directory.CreateDirectory(secret);
        await File.WriteAllTextAsync(Path.Combine(secret, "file"), "of the host");
        Container container = await fixture.CreateAsync(
            "sh", "-c", $"cd /; b=/bin/busybox; mkdir real; echo inside > real/file; echo ready; while true; do $b mv real was; $b ln -s {secret} real; $b rm real; $b mv was real; done");
        await fixture.Engine.StartContainerAsync(container.Id, CancellationToken.None);
        await LogAsync(container, "ready");
        for (int i = 0; i < 30; i++)
        {
            string tar = await ExportAsync(container, "race.tar");
            Assert.Equal("", LayerVerb.Shell($"grep -c 'of the host' {tar} | grep -v '^0$' || true"));
            await CompareAsync(container);
        }

        await CommitAsync(container, new ContainerCommit { Name = "race:1", Pause = false });
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
    }

    [Theory]
    [InlineData("files.tar")]
    [InlineData("files.tar.gz")]
    public async Task The_files_of_a_container_come_back_as_an_image(string name)
    {
        Container container = await RunAsync(new ContainerSpec { Image = EngineFixture.Image }, Changes + "; ./bin/busybox rm /bin/hostname");
        string tar = await ExportAsync(container, name);
        await fixture.Engine.ImportImagesAsync(new ImageImport { Path = tar, Name = "back:1", Changes = ["CMD [\"cat\", \"/deep/er/file\"]"] }, null, CancellationToken.None);
        Assert.Equal("x\n", (await fixture.RunAsync(new ContainerSpec { Image = "back:1" })).Out);
        Assert.Equal("70000\n", LayerVerb.Shell($"tar -xaOf {tar} zeros | wc -c"));
        Assert.Equal("", LayerVerb.Shell($"tar -taf {tar} | grep -e wh. -e bin/hostname || true"));
    }

    [Fact]
    public async Task Bad_input_is_told_before_anything_is_read()
    {
        Container container = await fixture.CreateAsync("true");
        async Task<string> Error(ContainerCommit commit, string? id = null) =>
            (await Assert.ThrowsAnyAsync<DockerException>(() => fixture.Engine.CommitContainerAsync(id ?? container.Id, commit, null, CancellationToken.None))).ErrorId;
        Assert.Equal("InvalidReference", await Error(new ContainerCommit { Name = "Capital:1" }));
        Assert.Equal("InvalidReference", await Error(new ContainerCommit { Name = "x@sha256:" + new string('0', 64) }));
        Assert.Equal("InvalidChange", await Error(new ContainerCommit { Changes = ["RUN x"] }));
        Assert.Equal("ContainerNotFound", await Error(new ContainerCommit(), "nobody"));
        var export = new ContainerExport { Path = Path.Combine(_directory, "no/where.tar") };
        Assert.Equal("PathNotFound", (await Assert.ThrowsAnyAsync<DockerException>(() => fixture.Engine.ExportContainerAsync(container.Id, export, null, CancellationToken.None))).ErrorId);
        string disk = Path.Combine(_directory, "disk");
        LayerVerb.Shell($"mkdir {disk}; mount -t tmpfs -o size=64k tmpfs {disk}");
        try
        {
            var full = await Assert.ThrowsAnyAsync<DockerException>(
                () => fixture.Engine.ExportContainerAsync(container.Id, export with { Path = disk + "/x.tar" }, null, CancellationToken.None));
            Assert.Equal("DiskFull", full.ErrorId);
            Assert.Empty(Directory.EnumerateFileSystemEntries(disk));
        }
        finally
        {
            LayerVerb.Shell($"umount {disk}");
        }
    }

    private async Task<Container> RunAsync(ContainerSpec spec, string script)
    {
        Container container = await fixture.CreateAsync(spec with { Command = ["sh", "-c", "cd /; " + script] });
        var streams = new EngineFixture.Streams();
        await fixture.Engine.StartAttachedAsync(container.Id, streams.Attachment, CancellationToken.None);
        return container;
    }

    private async Task LogAsync(Container container, string text)
    {
        await foreach (ContainerLogEntry entry in fixture.Engine.GetLogAsync(container.Id, new LogFilter { Follow = true }, CancellationToken.None))
            if (entry.ToString().Contains(text, StringComparison.Ordinal)) return;
    }

    private Task<ContainerImage> CommitAsync(Container container, ContainerCommit commit) =>
        fixture.Engine.CommitContainerAsync(container.Id, commit, null, CancellationToken.None);

    private async Task<List<ContainerChange>> CompareAsync(Container container)
    {
        var changes = new List<ContainerChange>();
        await fixture.Engine.CompareContainerAsync(container.Id, changes.AddRange, CancellationToken.None);
        return changes;
    }

    private Task<string> ExportAsync(Container container, string name) => fixture.Engine.ExportContainerAsync(
        container.Id,
        new ContainerExport
        {
            Path = Path.Combine(_directory, name),
            Overwrite = true,
            Compression = name.EndsWith(".gz", StringComparison.Ordinal) ? ContainerArchiveCompression.Gzip : ContainerArchiveCompression.None,
        },
        null, CancellationToken.None);

    /// <summary>Stops at the first report.</summary>
    private sealed class Stopping(CancellationTokenSource stop) : IProgress<EngineProgress>
    {
        public void Report(EngineProgress value) => stop.Cancel();
    }
}
