using System.IO.Compression;
using DockerPS.Engine.Images;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.Docker;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Units.Images;

public sealed class ArchiveReaderTests : IDisposable
{
    private static readonly byte[] Layer = Archives.Layer("file", "text");
    private static readonly byte[] Config = Archives.Config(Layer);
    private readonly StoreFixture _fixture = new();
    private readonly StoreSession _session;

    public ArchiveReaderTests() => _session = _fixture.Store.OpenSession();

    private Archives New => new(_fixture.Scratch.Path);

    public void Dispose()
    {
        _session.Dispose();
        _fixture.Dispose();
    }

    public static TheoryData<string> Compressions => ["plain", "gzip", "zstd"];

    [Theory]
    [MemberData(nameof(Compressions))]
    public void An_old_docker_archive_shares_layers_by_links_and_has_its_manifest_last(string compression)
    {
        string id = Digest.Of(Config).Hex;
        string path = New.Add($"{id}.json", Config).Add("aaa/layer.tar", Layer).AddLink("bbb/layer.tar", "../aaa/layer.tar")
            .Add("manifest.json", Archives.DockerManifest(
                new DockerArchiveImage { Config = $"{id}.json", RepoTags = ["app:1", "app:2"], Layers = ["bbb/layer.tar"] }))
            .Write("a.tar", Compress(compression));
        StagedImage image = Assert.Single(DockerArchive.Read(Read(path)!));
        Assert.Equal(["app:1", "app:2"], image.Names.Select(name => name.Familiar));
        Assert.Equal(Config, image.Config);
        Assert.Equal(Layer, image.Layers[0].File!.ReadAll("layer"));
    }

    [Fact]
    public void A_config_that_is_not_what_its_name_says_is_refused()
    {
        string other = Digest.Of("other"u8).Hex;
        string path = New.Add($"{other}.json", Config).Add("l.tar", Layer)
            .Add("manifest.json", Archives.DockerManifest(new DockerArchiveImage { Config = $"{other}.json", Layers = ["l.tar"] })).Write("a.tar");
        Assert.Equal("DigestMismatch", Assert.Throws<DockerIntegrityException>(() => DockerArchive.Read(Read(path)!)).ErrorId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_layout_is_read_from_a_directory_and_from_a_tar(bool directory)
    {
        byte[] manifest = Archives.Manifest(Config, MediaTypes.Manifest, Layer);
        Archives files = New.AddLayout(Archives.Index(Archives.Describe(manifest, MediaTypes.Manifest, "app:1")), manifest, Config, Layer);
        string path = directory ? files.WriteDirectory("layout") : files.Write("layout.tar");
        StagedImage image = Assert.Single(new OciLayout(Read(path)!, path).Read());
        Assert.Equal("app:1", Assert.Single(image.Names).Familiar);
        Assert.Equal(manifest, image.Manifest);
        Assert.Equal(Digest.Of(Layer), image.Layers[0].Blob);
    }

    [Fact]
    public void A_manifest_of_dockers_schema_is_made_anew_as_ocis()
    {
        byte[] manifest = Archives.Manifest(Config, MediaTypes.DockerManifest, Layer);
        string path = New.AddLayout(Archives.Index(Archives.Describe(manifest, MediaTypes.DockerManifest, "app:1")), manifest, Config, Layer)
            .Write("layout.tar");
        Assert.Null(Assert.Single(new OciLayout(Read(path)!, path).Read()).Manifest);
    }

    [Fact]
    public void Of_an_index_the_manifest_of_this_machine_is_taken()
    {
        byte[] other = Archives.Manifest(Archives.Config(), MediaTypes.Manifest), mine = Archives.Manifest(Config, MediaTypes.Manifest, Layer);
        byte[] attestation = "{}"u8.ToArray();
        byte[] inner = Archives.Index(
            Archives.Describe(other, MediaTypes.Manifest, null, new Platform { Os = "linux", Architecture = "mips" }),
            Archives.Describe(mine, MediaTypes.Manifest, null, new Platform { Os = "linux", Architecture = HostPlatform.Architecture }),
            Archives.Describe(attestation, MediaTypes.Manifest, null, new Platform { Os = "unknown", Architecture = "unknown" }));
        string path = New.AddLayout(
            Archives.Index(Archives.Describe(inner, MediaTypes.Index, "app:1")), inner, other, mine, attestation, Archives.Config(), Config, Layer)
            .Write("layout.tar");
        Assert.Equal(Config, Assert.Single(new OciLayout(Read(path)!, path).Read()).Config);
    }

    [Fact]
    public void An_index_without_this_platform_says_which_there_are()
    {
        byte[] other = Archives.Manifest(Archives.Config(), MediaTypes.Manifest);
        byte[] inner = Archives.Index(Archives.Describe(other, MediaTypes.Manifest, null, new Platform { Os = "linux", Architecture = "mips" }));
        string path = New.AddLayout(Archives.Index(Archives.Describe(inner, MediaTypes.Index)), inner, other, Archives.Config()).Write("l.tar");
        var error = Assert.Throws<DockerNotFoundException>(() => new OciLayout(Read(path)!, path).Read());
        Assert.Equal("PlatformNotFound", error.ErrorId);
        Assert.Contains("linux/mips", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base", "base")]
    [InlineData("latest", "layout:latest")]
    [InlineData("v1.2", "layout:v1.2")]
    [InlineData("localhost:5000/a/b:c", "localhost:5000/a/b:c")]
    public void A_name_that_is_only_a_version_takes_the_layouts(string annotation, string expected)
    {
        byte[] manifest = Archives.Manifest(Config, MediaTypes.Manifest, Layer);
        string path = New.AddLayout(Archives.Index(Archives.Describe(manifest, MediaTypes.Manifest, annotation)), manifest, Config, Layer)
            .Write("layout.tar");
        Assert.Equal(expected, Assert.Single(Assert.Single(new OciLayout(Read(path)!, path).Read()).Names).Familiar);
    }

    [Theory]
    [MemberData(nameof(Compressions))]
    public void The_tar_of_a_root_file_system_is_told_by_its_directories(string compression)
    {
        string path = New.Add("./bin/sh", [1]).Add("manifest.json", [2]).Write("rootfs.tar", Compress(compression));
        Assert.Null(Read(path));
        Assert.Null(Read(New.Add("app", [1]).Write("one.tar", Compress(compression))));
    }

    [Fact]
    public void What_is_no_archive_is_said_to_be_none()
    {
        string text = _fixture.Scratch["text"];
        File.WriteAllText(text, new string('x', 2000));
        string empty = _fixture.Scratch["empty"];
        File.WriteAllText(empty, "");
        string gzip = _fixture.Scratch["text.gz"];
        using (var stream = new GZipStream(File.Create(gzip), CompressionLevel.Fastest)) stream.Write(new byte[5000].Select(_ => (byte)'y').ToArray());
        Directory.CreateDirectory(_fixture.Scratch["directory"]);
        foreach (string path in (string[])[text, empty, gzip, _fixture.Scratch["directory"]])
            Assert.Equal("UnknownArchiveFormat", Assert.Throws<DockerIntegrityException>(() => Read(path)).ErrorId);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public void A_compressed_archive_that_is_cut_short_is_invalid(string compression)
    {
        var noise = new byte[300_000];
        new Random(1).NextBytes(noise);
        string path = New.Add("blobs/sha256/a", [1]).Add("blobs/sha256/b", noise).Write("cut.tar", Compress(compression));
        using (FileStream file = File.OpenWrite(path)) file.SetLength(file.Length / 2);
        Assert.Equal("ArchiveInvalid", Assert.Throws<DockerIntegrityException>(() => Read(path)).ErrorId);
    }

    private ArchiveContents? Read(string path) => ArchiveReader.Read(path, _session, null, CancellationToken.None);

    private static Func<Stream, Stream>? Compress(string compression) => compression switch
    {
        "gzip" => file => new GZipStream(file, CompressionLevel.Fastest),
        "zstd" => file => new ZstdSharp.CompressionStream(file, leaveOpen: false),
        _ => null,
    };
}
