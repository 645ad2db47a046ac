using System.Formats.Tar;
using DockerPS.Engine;
using Xunit;

namespace DockerPS.Integration.Containers;

/// <summary>What layers say of the root directory itself.</summary>
public sealed class RootDirectoryTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    /// <summary>Docker and containerd pass over an entry of the root: an image cannot take its container's root away, nor open it to all.</summary>
    [Theory]
    [InlineData(Everybodys)]
    [InlineData(Owners)]
    public async Task A_container_has_a_root_directory_of_mode_755_whatever_its_image_says(int mode)
    {
        Assert.SkipUnless(File.Exists("/bin/busybox"), "SKIPPED: busybox is not installed (Debian's package busybox-static).");
        Directory.CreateDirectory(fixture.Root);
        string tar = Path.Combine(fixture.Root, $"root{mode}.tar");
        await using (var writer = new TarWriter(File.Create(tar)))
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "./") { Mode = (UnixFileMode)mode, Uid = 5, Gid = 6 });
            await writer.WriteEntryAsync("/bin/busybox", "./busybox");
        }

        await fixture.Engine.ImportImagesAsync(new ImageImport { Path = tar, Name = $"root:{mode}" }, null, TestContext.Current.CancellationToken);
        (int code, string output, string error) = await fixture.RunAsync(new ContainerSpec { Image = $"root:{mode}", Command = ["/busybox", "stat", "-c", "%a %u %g", "/"] });
        Assert.Equal((0, "755 0 0\n", ""), (code, output, error));
    }

    private const int Everybodys = 0x1FF, Owners = 0x1C0;
}
