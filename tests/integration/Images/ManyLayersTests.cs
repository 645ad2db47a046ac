using DockerPS.Engine;
using DockerPS.Integration.Containers;
using DockerPS.Integration.Registry;
using Xunit;

namespace DockerPS.Integration.Images;

/// <summary>Images of as many layers as overlay takes, which is more than mount(2)'s page has room for with paths, and of more.</summary>
public sealed class ManyLayersTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private const int Most = 499;

    [Fact]
    public async Task As_many_as_overlay_takes_run_are_copied_from_and_mounted()
    {
        await ImportAsync(Most, "most:1");
        var spec = new ContainerSpec
        {
            Image = "most:1", Command = ["/busybox", "sh", "-c", "/busybox ls -d /file* | /busybox wc -l; echo changed > /file0"],
            Mounts = [new ContainerMount { Type = ContainerMountType.Bind, Source = "/bin/busybox", Target = "/busybox", ReadOnly = true }],
        };
        Container container = await fixture.CreateAsync(spec);
        var streams = new EngineFixture.Streams();
        ProcessExit exit = await fixture.Engine.StartAttachedAsync(container.Id, streams.Attachment, CancellationToken.None);
        Assert.Equal((0, $"{Most}\n", ""), (exit.ExitCode, streams.Out, streams.Error));

        string copied = Path.Combine(fixture.Root, "copied");
        await fixture.Engine.CopyItemAsync(new ItemCopy { From = container.Id, Source = "/file0", Target = copied }, null, CancellationToken.None);
        Assert.Equal("changed\n", await File.ReadAllTextAsync(copied));

        ContainerImageMount mount = await fixture.Engine.MountImageAsync("most:1", null, CancellationToken.None);
        try
        {
            Assert.Equal(Most, Directory.GetFiles(mount.Path, "file*").Length);
        }
        finally
        {
            await fixture.Engine.DismountImageAsync(mount, force: true, CancellationToken.None);
        }

        DockerArgumentException error = await Assert.ThrowsAsync<DockerArgumentException>(() =>
            fixture.Engine.CommitContainerAsync(container.Id, new ContainerCommit { Name = "more:1" }, null, CancellationToken.None));
        Assert.Equal("TooManyLayers", error.ErrorId);
        Assert.Empty(fixture.Engine.GetImages(new ImageFilter { Names = ["mor*"] }));
    }

    [Fact]
    public async Task More_are_refused_before_anything_is_stored()
    {
        DockerArgumentException error = await Assert.ThrowsAsync<DockerArgumentException>(() => ImportAsync(Most + 1, "more:1"));
        Assert.Equal("TooManyLayers", error.ErrorId);
        Assert.Contains($"{Most + 1} layers", error.Message);
    }

    private async Task ImportAsync(int layers, string name)
    {
        // The engine first: it skips where nothing can run.
        ContainerEngine engine = fixture.Engine;
        using PushedImage image = PushedImage.Make([.. Enumerable.Repeat(10, layers)]);
        await engine.ImportImagesAsync(new ImageImport { Path = image.Path, Name = name }, null, CancellationToken.None);
    }
}
