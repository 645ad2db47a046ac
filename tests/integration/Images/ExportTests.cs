using System.Diagnostics;
using DockerPS.Engine;
using DockerPS.Integration.Judges;
using DockerPS.Integration.OciRuntime;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Integration.Images;

/// <summary>What is exported is read by docker, podman, skopeo and the import, with the same ids.</summary>
[Collection(nameof(DockerCollection))]
public sealed class ExportTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-export-").FullName;
    private readonly DockerFixture _docker;
    private readonly ContainerEngine _engine;

    public ExportTests(DockerFixture docker)
    {
        _docker = docker;
        _engine = Open("root");
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("all.tar")]
    [InlineData("all.tar.gz")]
    [InlineData("all.tar.zst")]
    [InlineData("all")]
    public async Task The_import_gives_the_same_images_and_names_and_digests(string name)
    {
        await MakeAsync();
        string path = await ExportAsync(name, "one:1", "two:2");
        using ContainerEngine other = Open("other");
        IReadOnlyList<ContainerImage> back = await other.ImportImagesAsync(new ImageImport { Path = path }, null, CancellationToken.None);
        Assert.Equal(
            _engine.GetImages(new ImageFilter()).Select(i => (i.Reference, i.Id, i.Digest)).Order(), back.Select(i => (i.Reference, i.Id, i.Digest)).Order());
    }

    [Fact]
    public async Task The_same_images_give_the_same_bytes_whatever_the_order_and_time()
    {
        await MakeAsync();
        string first = await ExportAsync("1.tar", "one:1"), second = await ExportAsync("2.tar", "one:1");
        Assert.Equal(await File.ReadAllBytesAsync(first), await File.ReadAllBytesAsync(second));
    }

    [Theory]
    [InlineData("d.tar")]
    [InlineData("d.tar.gz")]
    public async Task Docker_loads_it_with_the_same_ids_and_what_it_saves_is_imported_with_them(string name)
    {
        IReadOnlyList<ContainerImage> images = await MakeAsync();
        string path = await ExportAsync(name, "one:1", "two:2");
        _docker.Do("load", "--input", path);
        Assert.Equal(images[0].Id, _docker.Do("images", "--no-trunc", "--quiet", "one:1"));
        Assert.Equal("text one", _docker.Do("run", "--rm", "--network", "none", "one:1"));
        string saved = Path.Combine(_directory, "saved.tar");
        _docker.Do("save", "--output", saved, "one:1", "two:2");
        _docker.Do("rmi", "one:1", "two:2");
        using ContainerEngine other = Open("other");
        IReadOnlyList<ContainerImage> back = await other.ImportImagesAsync(new ImageImport { Path = saved }, null, CancellationToken.None);
        Assert.Equal(images.Select(i => i.Id).Order(), back.Select(i => i.Id).Order());
    }

    [Fact]
    public async Task Podman_and_skopeo_read_it()
    {
        IReadOnlyList<ContainerImage> images = await MakeAsync();
        string path = await ExportAsync("p.tar", "one:1", "two:2");
        using (var tool = new JudgeTool("podman", "podman", "skopeo"))
        {
            OciResult Podman(params string[] words) =>
                tool.Run("podman", "", ["--root", tool.In("root"), "--runroot", tool.In("run"), "--tmpdir", tool.In("tmp"), .. words]);
            OciResult loaded = Podman("load", "--quiet", "--input", path);
            Assert.True(loaded.Code == 0, loaded.Error);
            string ids = Podman("images", "--no-trunc", "--format", "{{.ID}}").Out;
            Assert.All(images, image => Assert.Contains(image.Id, ids));
            OciResult inspected = tool.Run("skopeo", "", "inspect", "--format", "{{.Digest}}", $"oci-archive:{path}:two:2");
            Assert.Equal(images[1].Digest, inspected.Out.Trim());
            string layout = await ExportAsync("layout/", "one:1");
            Assert.Equal(0, tool.Run("skopeo", "", "copy", $"oci:{layout}:one:1", $"dir:{tool.In("copy")}").Code);
            Podman("rmi", "--all", "--force");
        }
    }

    [Fact]
    public async Task A_full_disk_and_a_stopped_export_leave_nothing_and_keep_what_was_there()
    {
        await MakeAsync();
        string disk = Path.Combine(_directory, "disk");
        Directory.CreateDirectory(disk);
        Shell($"mount -t tmpfs -o size=512k tmpfs {disk}");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(disk, "a.tar"), "before");
            var export = new ImageExport { Names = ["one:1"], Path = Path.Combine(disk, "a.tar"), Overwrite = true };
            var full = await Assert.ThrowsAsync<DockerEnvironmentException>(() => _engine.ExportImagesAsync(export, null, CancellationToken.None));
            Assert.Equal("DiskFull", full.ErrorId);
            await Assert.ThrowsAsync<DockerEnvironmentException>(
                () => _engine.ExportImagesAsync(export with { Path = disk + "/layout", AsDirectory = true }, null, CancellationToken.None));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _engine.ExportImagesAsync(export, null, new CancellationToken(canceled: true)));
            Assert.Equal(["a.tar"], Directory.EnumerateFileSystemEntries(disk).Select(Path.GetFileName));
            Assert.Equal("before", await File.ReadAllTextAsync(Path.Combine(disk, "a.tar")));
        }
        finally
        {
            Shell($"umount {disk}");
        }
    }

    [Fact]
    public async Task What_a_killed_export_left_is_removed_by_the_next_and_a_directory_of_other_things_is_not_replaced()
    {
        await MakeAsync();
        string left = Path.Combine(_directory, ".a.tar.0123.partial");
        await File.WriteAllTextAsync(left, "half");
        await File.WriteAllTextAsync(left + ".lock", "");
        await ExportAsync("a.tar", "one:1");
        Assert.Empty(Directory.EnumerateFiles(_directory, ".*"));

        string other = Path.Combine(_directory, "other");
        Directory.CreateDirectory(other);
        await File.WriteAllTextAsync(Path.Combine(other, "letter"), "dear");
        var taken = await Assert.ThrowsAsync<DockerConflictException>(() => ExportAsync("other", "one:1"));
        Assert.Equal("ExportPathExists", taken.ErrorId);
        Assert.Equal("dear", await File.ReadAllTextAsync(Path.Combine(other, "letter")));
        string layout = await ExportAsync("layout/", "one:1");
        await ExportAsync("layout/", "two:2");
        Assert.Contains("two:2", await File.ReadAllTextAsync(Path.Combine(layout, "index.json")));
        Assert.DoesNotContain("one:1", await File.ReadAllTextAsync(Path.Combine(layout, "index.json")));
    }

    [Fact]
    public async Task Damaged_content_is_not_exported()
    {
        await MakeAsync();
        string blob = Directory.EnumerateFiles(Path.Combine(_directory, "root/content/blobs/sha256")).MaxBy(f => new FileInfo(f).Length)!;
        using (FileStream file = File.OpenWrite(blob)) file.WriteByte(1);
        var damaged = await Assert.ThrowsAsync<DockerIntegrityException>(() => ExportAsync("a.tar", "one:1", "two:2"));
        Assert.Equal("DigestMismatch", damaged.ErrorId);
        File.Delete(blob);
        Assert.Equal("ImageIncomplete", (await Assert.ThrowsAsync<DockerIntegrityException>(() => ExportAsync("a.tar", "one:1", "two:2"))).ErrorId);
        Assert.Empty(Directory.EnumerateFiles(_directory));
    }

    private ContainerEngine Open(string name) => ContainerEngine.Open(
        new EngineOptions { Root = Path.Combine(_directory, name), RunRoot = Path.Combine(_directory, "run"), RuntimePath = RuntimeExecutable.Path },
        NullLoggerFactory.Instance);

    /// <summary>Two images of a program and a text each.</summary>
    private async Task<IReadOnlyList<ContainerImage>> MakeAsync()
    {
        var images = new List<ContainerImage>();
        foreach ((string text, string name) in ((string, string)[])[("one", "one:1"), ("two", "two:2")])
        {
            string files = Path.Combine(_directory, "files-" + text);
            Directory.CreateDirectory(files);
            await File.WriteAllTextAsync(Path.Combine(files, "text"), "text " + text);
            images.Add(await _engine.CreateImageAsync(
                new ImageRecipe { Name = name, HostCommands = ["cat"], Path = files, Config = new() { Command = ["cat", "/text"] } }, null, CancellationToken.None));
            Directory.Delete(files, recursive: true);
        }

        return images;
    }

    private Task<string> ExportAsync(string path, params string[] names) => _engine.ExportImagesAsync(
        new ImageExport
        {
            Names = names,
            Path = Path.Combine(_directory, path),
            AsDirectory = !path.Contains('.', StringComparison.Ordinal),
            Overwrite = true,
            Compression = Path.GetExtension(path) switch
            {
                ".gz" => ContainerArchiveCompression.Gzip,
                ".zst" => ContainerArchiveCompression.Zstd,
                _ => ContainerArchiveCompression.None,
            },
        },
        null, CancellationToken.None);

    private static void Shell(string command)
    {
        using var process = Process.Start("/bin/sh", ["-ec", command]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
