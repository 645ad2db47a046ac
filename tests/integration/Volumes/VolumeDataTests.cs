using DockerPS.Engine;
using Xunit;

namespace DockerPS.Integration.Volumes;

/// <summary>Archives, copies and snapshots.</summary>
public sealed class VolumeDataTests(VolumeFixture store) : IClassFixture<VolumeFixture>
{
    private static readonly CancellationToken s_token = CancellationToken.None;
    private static readonly Dictionary<string, string> s_none = [];

    private const string Facts = "cd /data; stat -c '%n %u:%g %a %Y %h' . file second; readlink link; ls many | wc -l; ls -A";

    [Theory]
    [InlineData("tar")]
    [InlineData("tar.gz")]
    [InlineData("tar.zst")]
    public async Task What_is_exported_and_imported_is_the_same(string ending)
    {
        string name = "out-" + ending.Replace('.', '-'), path = Path.Combine(store.Root, $"{name}.{ending}");
        string before = await FillAsync(name, "touch '/data/.wh.file' '/data/a b'");
        SetAttribute(Path.Combine(store.Data(name), "file"), "trusted.note", "kept");
        await ExportAsync(name, path, ending == "tar" ? 0 : ending == "tar.gz" ? ContainerArchiveCompression.Gzip : ContainerArchiveCompression.Zstd);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal("ExportPathExists", (await Assert.ThrowsAsync<DockerConflictException>(() => ExportAsync(name, path))).ErrorId);
        Assert.Equal(name + "-in", (await store.Engine.ImportVolumeAsync(name + "-in", path, false, s_none, null, s_token)).Name);
        Assert.Equal(before, await FactsAsync(name + "-in"));
        Assert.Equal("kept", VolumeTests.Attribute(Path.Combine(store.Data(name + "-in"), "file"), "trusted.note"));
        Assert.Equal("VolumeExists", (await Assert.ThrowsAsync<DockerConflictException>(() => store.Engine.ImportVolumeAsync(name, path, false, s_none, null, s_token))).ErrorId);
        await store.ShellAsync("rm -r /data/many", ContainerMount.Parse(name + ":/data"));
        await store.Engine.ImportVolumeAsync(name, path, true, s_none, null, s_token);
        Assert.Equal(before, await FactsAsync(name));
        AssertTidy();
    }

    [Fact]
    public async Task A_container_that_swaps_directories_for_links_meanwhile_brings_nothing_of_the_host_into_an_archive()
    {
        string secret = Path.Combine(store.Root, "secret"), path = Path.Combine(store.Root, "swapped.tar");
        Directory.CreateDirectory(secret);
        for (int i = 0; i < 50; i++) File.WriteAllText(Path.Combine(secret, $"{i}"), "of the host");
        Container attacker = await store.StartAsync(
            $"cd /data; mkdir d; for i in $(ls many); do echo in > d/$i; done; while true; do mv d e; ln -s {secret} d; rm d; mv e d; done", ContainerMount.Parse("swapped:/data"));
        for (int i = 0; i < 30; i++)
        {
            await store.Engine.ExportVolumeAsync("swapped", new ContainerExport { Path = path, Overwrite = true }, null, s_token);
            Assert.DoesNotContain("of the host", File.ReadAllText(path));
        }

        await store.RemoveAsync(attacker);
    }

    [Fact]
    public async Task What_a_container_keeps_as_whiteouts_stays_in_an_archive()
    {
        // As an engine that runs in a container keeps its layers in a volume.
        await store.ShellAsync("rm -r /data/*; busybox mknod /data/gone c 0 0", ContainerMount.Parse("nested:/data"));
        string path = Path.Combine(store.Root, "nested.tar");
        await ExportAsync("nested", path);
        await store.Engine.ImportVolumeAsync("nested-in", path, false, s_none, null, s_token);
        Assert.Equal("character special file\n", (await store.ShellAsync("stat -c %F /data/gone", ContainerMount.Parse("nested-in:/data"))).Out);
    }

    [Fact]
    public async Task What_is_no_archive_is_refused_and_leaves_nothing()
    {
        _ = store.Engine;
        Assert.Equal(
            "ArchiveInvalid", (await Assert.ThrowsAsync<DockerIntegrityException>(() => store.Engine.ImportVolumeAsync("none", "/etc/passwd", false, s_none, null, s_token))).ErrorId);
        Assert.DoesNotContain("none", store.Engine.GetVolumeNames());
        AssertTidy();
    }

    [Fact]
    public async Task A_copy_is_the_same_and_a_volume_of_its_own()
    {
        string before = await FillAsync("original");
        await store.Engine.CopyVolumeAsync("original", "copied", false, null, s_token);
        await store.ShellAsync("rm -r /data/many; echo other > /data/file", ContainerMount.Parse("original:/data"));
        Assert.Equal(before, await FactsAsync("copied"));
        AssertTidy();
    }

    [Fact]
    public async Task A_volume_goes_back_to_a_snapshot_unless_a_container_runs_with_it()
    {
        string before = await FillAsync("safe");
        ContainerVolumeSnapshot first = await store.Engine.CheckpointVolumeAsync("safe", "first", "before the change", null, s_token);
        Assert.Equal(("first", "before the change"), (first.Snapshot, first.Description));
        ContainerVolumeSnapshot unnamed = await store.Engine.CheckpointVolumeAsync("safe", null, "", null, s_token);
        ContainerVolumeSnapshot again = await store.Engine.CheckpointVolumeAsync("safe", null, "", null, s_token);
        Assert.Equal(["first", unnamed.Snapshot, again.Snapshot], store.Engine.GetVolumeSnapshots("safe").Select(s => s.Snapshot));
        Assert.Equal("SnapshotExists", (await Assert.ThrowsAsync<DockerConflictException>(() => store.Engine.CheckpointVolumeAsync("safe", "first", "", null, s_token))).ErrorId);

        Container runs = await store.StartAsync("rm -r /data/many; sleep 600", ContainerMount.Parse("safe:/data"));
        Assert.Equal("VolumeInUse", (await Assert.ThrowsAsync<DockerConflictException>(() => store.Engine.RestoreVolumeAsync("safe", "first", null, s_token))).ErrorId);
        await store.RemoveAsync(runs);
        await store.Engine.RestoreVolumeAsync("safe", "first", null, s_token);
        Assert.Equal(before, await FactsAsync("safe"));

        store.Engine.RemoveVolumeSnapshot("safe", "first");
        Assert.False(Directory.Exists(first.Path));
        Assert.Equal("SnapshotNotFound", (await Assert.ThrowsAsync<DockerNotFoundException>(() => store.Engine.RestoreVolumeAsync("safe", "first", null, s_token))).ErrorId);
        store.Engine.RemoveVolume("safe");
        Assert.False(Directory.Exists(unnamed.Path));
        AssertTidy();
    }

    [Fact]
    public async Task Data_that_are_put_in_get_nothing_of_a_beginning_that_was_killed()
    {
        await FillAsync("begun");
        string path = Path.Combine(store.Root, "begun.tar"), ghost = Path.Combine(Path.GetDirectoryName(store.Data("begun"))!, "_data.ready/ghost");
        await ExportAsync("begun", path);
        Directory.CreateDirectory(ghost);
        await store.Engine.ImportVolumeAsync("begun", path, true, s_none, null, s_token);
        Assert.DoesNotContain("ghost", (await store.ShellAsync("ls /data", ContainerMount.Parse("begun:/data"))).Out);
    }

    [Fact]
    public async Task A_snapshot_is_only_made_of_what_it_can_be_brought_back_to_and_takes_away_what_a_killed_session_left()
    {
        await FillAsync("kept");
        string left = Path.Combine(Path.GetDirectoryName(store.Data("kept"))!, "snapshots/left");
        Directory.CreateDirectory(left);
        await store.Engine.CheckpointVolumeAsync("kept", "one", "", null, s_token);
        Assert.False(Directory.Exists(left));
        store.Engine.CreateVolume("hosts", s_none, new Dictionary<string, string> { ["type"] = "bind", ["device"] = store.Root });
        Assert.Equal("VolumeNotStored", (await Assert.ThrowsAsync<DockerArgumentException>(() => store.Engine.CheckpointVolumeAsync("hosts", null, "", null, s_token))).ErrorId);
        store.Engine.RemoveVolume("hosts");
    }

    [Fact]
    public async Task The_room_of_volumes_in_use_cannot_be_had_back()
    {
        await FillAsync("loose");
        Container user = await store.CreateAsync("true", ContainerMount.Parse("tight:/data"));
        ContainerStorageUsage usage = (await store.Engine.MeasureStorageAsync(s_token)).Single(u => u.Type == ContainerStorageType.Volumes);
        Assert.Equal([false, true], usage.Items.Where(i => i.Name is "loose" or "tight").OrderBy(i => i.Name).Select(i => i.InUse));
        Assert.DoesNotContain(usage.Items, i => i.Name.StartsWith('.'));
        Assert.False(store.Engine.TryRemoveVolume("tight"));
        Assert.Equal(0, (await store.Engine.UnusedVolumesAsync(true, [], s_token)).Count(v => v.Name == "tight"));
        await store.RemoveAsync(user);
        Assert.True(store.Engine.TryRemoveVolume("tight"));
    }

    [Fact]
    public async Task A_size_counts_what_is_on_the_disk_and_a_file_with_two_names_once()
    {
        await FillAsync("measured");
        ContainerVolume volume = Assert.Single(await store.Engine.GetVolumesAsync(new VolumeFilter { Names = ["measured"], Size = true }, s_token));
        // file, second, link, many and 400 in it.
        Assert.Equal(404, volume.Files);
        Assert.InRange(volume.Size!.Value, 401 * 4096, 500 * 4096);
    }

    private Task<string> ExportAsync(string volume, string path, ContainerArchiveCompression compression = 0) =>
        store.Engine.ExportVolumeAsync(volume, new ContainerExport { Path = path, Compression = compression }, null, s_token);

    private static unsafe void SetAttribute(string path, string name, string value)
    {
        int file = Linux.LibC.Open(path, Linux.LibC.O_RDONLY);
        byte[] content = System.Text.Encoding.ASCII.GetBytes(value);
        fixed (byte* key = System.Text.Encoding.ASCII.GetBytes(name + "\0"), buffer = content)
            Assert.Equal(0, Linux.LibC.fsetxattr(file, key, buffer, (nuint)content.Length, 0));
        Linux.LibC.Close(ref file);
    }

    private async Task<string> FillAsync(string volume, string more = "true")
    {
        await store.ShellAsync(more, ContainerMount.Parse(volume + ":/data"));
        return await FactsAsync(volume);
    }

    private async Task<string> FactsAsync(string volume)
    {
        (int code, string text, string error) = await store.ShellAsync(Facts, ContainerMount.Parse(volume + ":/data:ro"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("400\n", text);
        return text;
    }

    private void AssertTidy()
    {
        foreach (string place in (string[])[".new", ".removed"])
        {
            string path = Path.Combine(store.Root, "volumes", place);
            if (Directory.Exists(path)) Assert.Empty(Directory.EnumerateFileSystemEntries(path));
        }
    }
}
