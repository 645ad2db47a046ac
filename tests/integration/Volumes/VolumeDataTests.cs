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
        await store.Engine.ExportVolumeAsync(name, path, null, s_token);
        Assert.Equal(name + "-in", (await store.Engine.ImportVolumeAsync(name + "-in", path, false, s_none, null, s_token)).Name);
        Assert.Equal(before, await FactsAsync(name + "-in"));
        Assert.Equal("VolumeExists", (await Assert.ThrowsAsync<DockerConflictException>(() => store.Engine.ImportVolumeAsync(name, path, false, s_none, null, s_token))).ErrorId);
        await store.ShellAsync("rm -r /data/many", ContainerMount.Parse(name + ":/data"));
        await store.Engine.ImportVolumeAsync(name, path, true, s_none, null, s_token);
        Assert.Equal(before, await FactsAsync(name));
        AssertTidy();
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
    public async Task A_size_counts_what_is_on_the_disk_and_a_file_with_two_names_once()
    {
        await FillAsync("measured");
        ContainerVolume volume = Assert.Single(await store.Engine.GetVolumesAsync(new VolumeFilter { Names = ["measured"], Size = true }, s_token));
        // file, second, link, many and 400 in it.
        Assert.Equal(404, volume.Files);
        Assert.InRange(volume.Size!.Value, 401 * 4096, 500 * 4096);
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
