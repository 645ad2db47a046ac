using System.Diagnostics;
using System.Formats.Tar;
using DockerPS.Engine;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Integration.Images;

/// <summary>Imports archives of independent tools, and bad ones, with the real executable that unpacks.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-import-").FullName;
    private readonly ContainerEngine _engine;
    private readonly string _root;

    public ImportTests()
    {
        _root = Path.Combine(_directory, "root");
        _engine = ContainerEngine.Open(
            new EngineOptions { Root = _root, RunRoot = Path.Combine(_directory, "run"), RuntimePath = RuntimeExecutable.Path, MaxLayerBytes = 64 << 20 },
            NullLoggerFactory.Instance);
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("docker-archive:{0}/image.tar:busy:1")]
    [InlineData("oci-archive:{0}/image.tar:busy:1")]
    [InlineData("oci:{0}/image.tar:busy:1")]
    public async Task An_image_written_by_skopeo_is_imported_and_read_back_by_it(string destination)
    {
        string layout = MakeLayout();
        Run("skopeo", "copy", "-q", $"oci:{layout}:base", string.Format(System.Globalization.CultureInfo.InvariantCulture, destination, _directory));
        ContainerImage image = Assert.Single(await ImportAsync(Path.Combine(_directory, "image.tar")));
        Assert.Equal("busy:1", image.Reference);
        Assert.True(File.Exists(Path.Combine(LayerDirectories().Single(), "bin", "busybox")));
        Run("skopeo", "inspect", $"oci:{_root}/content:busy:1");
        Run("skopeo", "copy", "-q", $"oci:{_root}/content:busy:1", $"dir:{_directory}/copy");
        Run("umoci", "stat", "--image", $"{_root}/content:busy:1");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_compressed_archive_gives_the_same_image(string program)
    {
        string layout = MakeLayout();
        string tar = Path.Combine(_directory, "image.tar");
        Run("skopeo", "copy", "-q", $"oci:{layout}:base", $"docker-archive:{tar}:busy:1");
        ContainerImage plain = Assert.Single(await ImportAsync(tar));
        _engine.RemoveImage("busy:1", force: false);
        Assert.Empty(LayerDirectories());
        Run(program, "-q", "-k", tar);
        ContainerImage compressed = Assert.Single(await ImportAsync(tar + (program == "gzip" ? ".gz" : ".zst")));
        Assert.Equal(plain.Id, compressed.Id);
        Assert.Equal(plain.Digest, compressed.Digest);
    }

    [Fact]
    public async Task A_root_file_system_gets_its_name_and_changes()
    {
        string tar = RootTar(("bin/sh", "#!"), ("etc/motd", "hi"));
        var import = new ImageImport { Path = tar, Name = "app:1", Changes = ["CMD [\"sh\"]", "EXPOSE 80"] };
        ContainerImage image = Assert.Single(await _engine.ImportImagesAsync(import, null, CancellationToken.None));
        Assert.Equal(["sh"], image.Config.Command);
        Assert.Equal(["80/tcp"], image.Config.ExposedPorts);
        Assert.Equal("hi", File.ReadAllText(Path.Combine(LayerDirectories().Single(), "etc", "motd")));
        Run("gzip", "-k", tar);
        await _engine.ImportImagesAsync(import with { Path = tar + ".gz", Name = "app:2" }, null, CancellationToken.None);
        Assert.Single(LayerDirectories());
    }

    [Fact]
    public async Task A_hostile_root_file_system_leaves_nothing()
    {
        await FailsAsync<DockerIntegrityException>("ArchiveUnsafe", RootTar(("etc/ok", "x"), ("../../escaped", "x")));
        Assert.False(File.Exists(Path.Combine(_directory, "escaped")));
    }

    [Fact]
    public Task A_bomb_leaves_nothing() =>
        FailsAsync<DockerIntegrityException>("LayerTooLarge", RootTar(("etc/big", new string('x', 65 << 20))));

    [Fact]
    public async Task A_truncated_root_file_system_leaves_nothing()
    {
        string tar = RootTar(("etc/file", new string('x', 100_000)));
        using (FileStream file = File.OpenWrite(tar)) file.SetLength(50_000);
        await FailsAsync<DockerIntegrityException>("ArchiveInvalid", tar);
    }

    [Fact]
    public async Task A_changed_byte_in_a_layer_is_a_digest_mismatch()
    {
        string layout = MakeLayout();
        string largest = new DirectoryInfo(Path.Combine(layout, "blobs", "sha256")).GetFiles().MaxBy(file => file.Length)!.FullName;
        using (FileStream file = File.Open(largest, FileMode.Open))
        {
            file.Position = file.Length / 2;
            int value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }

        await FailsAsync<DockerIntegrityException>("DigestMismatch", layout);
    }

    [Fact]
    public Task A_path_that_is_not_there_is_named() =>
        FailsAsync<DockerNotFoundException>("ImportPathNotFound", Path.Combine(_directory, "nothing.tar"));

    [Fact]
    public async Task A_full_disk_leaves_nothing()
    {
        string small = Path.Combine(_directory, "small");
        Directory.CreateDirectory(small);
        string tar = RootTar(("etc/big", new string('x', 20 << 20)));
        Run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small);
        try
        {
            using ContainerEngine engine = ContainerEngine.Open(_engine.Options with { Root = Path.Combine(small, "root") }, NullLoggerFactory.Instance);
            var error = await Assert.ThrowsAsync<DockerEnvironmentException>(
                () => engine.ImportImagesAsync(new ImageImport { Path = tar, Name = "app" }, null, CancellationToken.None));
            Assert.Equal("StoreFull", error.ErrorId);
            Assert.Empty(engine.GetImages(new ImageFilter()));
            AssertNothingLeft(Path.Combine(small, "root"));
        }
        finally
        {
            Run("umount", small);
        }
    }

    [Fact]
    public async Task A_cancelled_import_ends_at_once_and_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Reported(report => { if (report.Status is "Unpacking" or "Copying") stop.Cancel(); });
        string tar = RootTar(Enumerable.Range(0, 500).Select(i => ($"etc/{i}", new string('x', 100_000))).ToArray());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _engine.ImportImagesAsync(new ImageImport { Path = tar, Name = "app" }, progress, stop.Token));
        AssertNothingLeft(_root);
    }

    [Fact]
    public async Task Two_engines_import_the_same_image_at_once()
    {
        string tar = RootTar(("etc/motd", "hi"));
        IReadOnlyList<ContainerImage>[] images = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            using ContainerEngine engine = ContainerEngine.Open(_engine.Options, NullLoggerFactory.Instance);
            return await engine.ImportImagesAsync(new ImageImport { Path = tar, Name = $"app:{i}" }, null, CancellationToken.None);
        })));
        Assert.Single(images.Select(image => image[0].Id).Distinct());
        Assert.Equal(4, _engine.GetImages(new ImageFilter()).Count);
        Assert.Single(LayerDirectories());
    }

    [Theory]
    [InlineData("image.tar")]
    [InlineData("image.tar.gz")]
    public async Task Two_images_of_an_archive_share_a_layer(string name)
    {
        byte[] layer = await File.ReadAllBytesAsync(RootTar(("etc/motd", "hi")));
        string diffId = DockerPS.Oci.Digests.Digest.Of(layer).ToString();
        string[] images = ["one", "two"];
        string path = Path.Combine(_directory, name);
        await using (Stream file = File.Create(path))
        await using (Stream packed = name.EndsWith("gz", StringComparison.Ordinal) ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest) : file)
        await using (var tar = new TarWriter(packed, TarEntryFormat.Pax))
        {
            Add(tar, "layer.tar", layer);
            foreach (string image in images)
                Add(tar, image + ".json", $$$"""{"os":"linux","architecture":"amd64","author":"{{{image}}}","rootfs":{"type":"layers","diff_ids":["{{{diffId}}}"]}}""");
            Add(tar, "manifest.json", $"[{string.Join(',', images.Select(image => $$"""{"Config":"{{image}}.json","RepoTags":["{{image}}:1"],"Layers":["layer.tar"]}"""))}]");
        }

        Assert.Equal(["one:1", "two:1"], (await ImportAsync(path)).Select(image => image.Reference));
        Assert.Single(LayerDirectories());

        static void Add(TarWriter tar, string name, object content) => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(content as byte[] ?? System.Text.Encoding.ASCII.GetBytes((string)content)),
        });
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("null")]
    [InlineData("""[{"Config":"c.json","Layers":[null]}]""")]
    [InlineData("""[{"Config":"c.json","RepoTags":[null],"Layers":[]}]""")]
    public async Task An_archive_with_nothing_in_the_place_of_something_is_damaged(string manifest)
    {
        string path = RootTar(("manifest.json", manifest), ("c.json", """{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}"""));
        await FailsAsync<DockerIntegrityException>("ArchiveInvalid", path);
    }

    [Fact]
    public async Task Hello_world_is_made_when_nothing_of_that_name_is_stored()
    {
        ContainerImage image = await _engine.ResolveImageAsync("hello-world", CancellationToken.None);
        Assert.Equal(("hello-world:latest", "/hello"), (image.Reference, image.Config.Command[0]));
        using Process hello = Process.Start(new ProcessStartInfo(Path.Combine(LayerDirectories().Single(), "hello")) { RedirectStandardOutput = true })!;
        Assert.Contains("Hello from DockerPS!", await hello.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_recipe_makes_the_same_image()
    {
        var recipe = new ImageRecipe { Name = "tools", HostCommands = ["sh", "ls"] };
        ContainerImage first = await _engine.CreateImageAsync(recipe, null, CancellationToken.None);
        _engine.RemoveImage("tools", force: false);
        ContainerImage second = await _engine.CreateImageAsync(recipe, null, CancellationToken.None);
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(["sh"], second.Config.Command);
        Run("chroot", LayerDirectories().Single(), "/bin/sh", "-c", "ls /");
    }

    private async Task FailsAsync<T>(string errorId, string path) where T : DockerException
    {
        var error = await Assert.ThrowsAsync<T>(
            () => _engine.ImportImagesAsync(new ImageImport { Path = path, Name = "app" }, null, CancellationToken.None));
        Assert.Equal(errorId, error.ErrorId);
        Assert.Empty(_engine.GetImages(new ImageFilter()));
        AssertNothingLeft(_root);
    }

    private static void AssertNothingLeft(string root)
    {
        Assert.Empty(Directory.GetFiles(Path.Combine(root, "content", "blobs", "sha256")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(root, "content", "ingest")));
        Assert.Equal([Path.Combine(root, "layers", ".tmp")], Directory.GetFileSystemEntries(Path.Combine(root, "layers")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(root, "layers", ".tmp")));
    }

    private IEnumerable<string> LayerDirectories() =>
        Directory.GetDirectories(Path.Combine(_root, "layers")).Where(d => !d.EndsWith(".tmp", StringComparison.Ordinal)).Select(d => Path.Combine(d, "diff"));

    private Task<IReadOnlyList<ContainerImage>> ImportAsync(string path) =>
        _engine.ImportImagesAsync(new ImageImport { Path = path }, null, CancellationToken.None);

    /// <summary>A busybox image made by umoci.</summary>
    private string MakeLayout()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/skopeo") && File.Exists("/usr/bin/umoci") && File.Exists("/bin/busybox"),
            "SKIPPED: needs skopeo, umoci and busybox-static (apt install skopeo umoci busybox-static).");
        string layout = Path.Combine(_directory, "layout"), bundle = Path.Combine(_directory, "bundle");
        Run("umoci", "init", "--layout", layout);
        Run("umoci", "new", "--image", layout + ":base");
        Run("umoci", "unpack", "--image", layout + ":base", bundle);
        Directory.CreateDirectory(Path.Combine(bundle, "rootfs", "bin"));
        File.Copy("/bin/busybox", Path.Combine(bundle, "rootfs", "bin", "busybox"));
        File.CreateSymbolicLink(Path.Combine(bundle, "rootfs", "bin", "sh"), "busybox");
        Run("umoci", "repack", "--image", layout + ":base", bundle);
        return layout;
    }

    private string RootTar(params (string Name, string Text)[] files)
    {
        string path = Path.Combine(_directory, "rootfs.tar");
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        foreach ((string name, string text) in files)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)),
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }

        return path;
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result} {output}");
    }

    private sealed class Reported(Action<EngineProgress> action) : IProgress<EngineProgress>
    {
        public void Report(EngineProgress value) => action(value);
    }
}
