using DockerPS.Engine;
using DockerPS.Integration.Containers;
using DockerPS.Integration.Layers;
using Xunit;

namespace DockerPS.Integration.Images;

/// <summary>Images as directories of the machine.</summary>
public sealed class MountTests(EngineFixture fixture) : IClassFixture<EngineFixture>, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-mount-").FullName;

    public void Dispose()
    {
        foreach (ContainerImageMount mount in fixture.Engine.GetImageMounts())
            fixture.Engine.DismountImageAsync(mount, force: true, CancellationToken.None).GetAwaiter().GetResult();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task The_files_show_read_only_for_every_session_until_they_are_dismounted()
    {
        ContainerImageMount mount = await MountAsync(EngineFixture.Image, Path.Combine(_directory, "with space"));
        Assert.Equal("root:x:0:\n", await File.ReadAllTextAsync(Path.Combine(mount.Path, "etc/group")));
        Assert.Throws<IOException>(() => File.WriteAllText(Path.Combine(mount.Path, "new"), ""));
        using (ContainerEngine other = fixture.Open())
        {
            Assert.Equal(mount, Assert.Single(other.GetImageMounts()));
            Assert.Equal([mount.Path], Assert.Single(other.GetImages(new ImageFilter { Names = [EngineFixture.Image] })).Mounts);
        }

        await fixture.Engine.DismountImageAsync(mount, force: false, CancellationToken.None);
        await fixture.Engine.DismountImageAsync(mount, force: false, CancellationToken.None);
        Assert.False(Directory.Exists(mount.Path));
        Assert.Empty(fixture.Engine.GetImageMounts());
    }

    [Fact]
    public async Task Without_a_path_an_image_is_mounted_once_and_changes_of_upper_layers_show()
    {
        Container container = await fixture.CreateAsync("sh", "-c", "/bin/busybox rm -r /etc; mkdir /etc; echo new > /etc/new");
        await fixture.Engine.StartAttachedAsync(container.Id, new EngineFixture.Streams().Attachment, CancellationToken.None);
        await fixture.Engine.CommitContainerAsync(container.Id, new ContainerCommit { Name = "upper:1" }, null, CancellationToken.None);
        ContainerImageMount[] mounts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => MountAsync("upper:1", null)));
        Assert.Single(mounts.Distinct());
        Assert.Equal(["new"], Directory.EnumerateFileSystemEntries(Path.Combine(mounts[0].Path, "etc")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_mounted_image_is_neither_pruned_nor_removed_without_force()
    {
        await fixture.Engine.CommitContainerAsync((await fixture.CreateAsync("true")).Id, new ContainerCommit { Name = "kept:1" }, null, CancellationToken.None);
        ContainerImageMount mount = await MountAsync("kept:1", null);
        Assert.Equal("ImageMounted", Assert.Throws<DockerConflictException>(() => fixture.Engine.RemoveImage("kept:1", force: false)).ErrorId);
        Assert.DoesNotContain(fixture.Engine.GetPrunableImages(new ImagePrune { Unused = true }), image => image.Names.Contains("kept:1"));
        fixture.Engine.AddImageTag("kept:1", "kept:2");
        fixture.Engine.RemoveImage("kept:2", force: true);
        Assert.Equal(mount, Assert.Single(fixture.Engine.GetImageMounts()));
        fixture.Engine.RemoveImage("kept:1", force: true);
        Assert.Empty(fixture.Engine.GetImageMounts());
        Assert.False(Directory.Exists(mount.Path));
    }

    [Fact]
    public async Task A_mount_in_use_stays_and_one_that_was_taken_away_by_hand_is_forgotten()
    {
        ContainerImageMount mount = await MountAsync(EngineFixture.Image, null);
        using (File.OpenRead(Path.Combine(mount.Path, "etc/group")))
        {
            var busy = await Assert.ThrowsAsync<DockerConflictException>(() => fixture.Engine.DismountImageAsync(mount, force: false, CancellationToken.None));
            Assert.Equal("ImageMountBusy", busy.ErrorId);
            await fixture.Engine.DismountImageAsync(mount, force: true, CancellationToken.None);
        }

        mount = await MountAsync(EngineFixture.Image, null);
        LayerVerb.Shell($"umount {mount.Path}");
        Assert.Empty(fixture.Engine.GetImageMounts());
        Assert.Equal(mount.Path, (await MountAsync(EngineFixture.Image, null)).Path);
    }

    [Fact]
    public async Task A_place_that_holds_something_and_an_unknown_image_are_refused_and_leave_nothing()
    {
        async Task<string> Error(string image, string path) => (await Assert.ThrowsAnyAsync<DockerException>(() => MountAsync(image, path))).ErrorId;
        await File.WriteAllTextAsync(Path.Combine(_directory, "letter"), "dear");
        Assert.Equal("MountPathNotEmpty", await Error(EngineFixture.Image, _directory));
        Assert.Equal("MountPathNotEmpty", await Error(EngineFixture.Image, Path.Combine(_directory, "letter")));
        Assert.Equal("ImageNotFound", await Error("nobody:1", Path.Combine(_directory, "new")));
        Assert.Equal(["letter"], Directory.EnumerateFileSystemEntries(_directory).Select(Path.GetFileName));
        Assert.Empty(fixture.Engine.GetImageMounts());
    }

    private Task<ContainerImageMount> MountAsync(string image, string? path) => fixture.Engine.MountImageAsync(image, path, CancellationToken.None);
}
