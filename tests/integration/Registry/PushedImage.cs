using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DockerPS.Integration.OciRuntime;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Registry;

/// <summary>An image layout on disk that skopeo brings to registries: what others pushed.</summary>
internal sealed class PushedImage : IDisposable
{
    private const string Skopeo = "/usr/bin/skopeo";
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-pushed-").FullName;

    private PushedImage()
    {
    }

    /// <summary>The layout's directory.</summary>
    public string Path => _directory;

    /// <summary>Layers as they are pushed.</summary>
    public List<Descriptor> Layers { get; } = [];

    public Digest Manifest { get; private set; }

    public byte[] Layer(int index) => File.ReadAllBytes(Blob(Digest.Parse(Layers[index].Digest)));

    /// <summary>An image with one file of so many bytes that do not compress in each layer.</summary>
    public static PushedImage Make(params int[] sizes)
    {
        Assert.SkipUnless(File.Exists(Skopeo), "SKIPPED: skopeo is not installed (Debian's package skopeo).");
        var image = new PushedImage();
        Directory.CreateDirectory(System.IO.Path.Combine(image._directory, "blobs", "sha256"));
        File.WriteAllText(System.IO.Path.Combine(image._directory, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        var diffIds = new List<string>();
        foreach (int size in sizes)
        {
            byte[] tar = Tar($"file{diffIds.Count}", RandomNumberGenerator.GetBytes(size));
            diffIds.Add(Digest.Of(tar).ToString());
            var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(tar);
            image.Layers.Add(image.Put(packed.ToArray(), MediaTypes.LayerGzip));
        }

        var config = new ImageConfig { Os = "linux", Architecture = "amd64", Rootfs = new RootFileSystem { DiffIds = diffIds } };
        Descriptor configBlob = image.Put(JsonSerializer.SerializeToUtf8Bytes(config, ImageSpecJson.Writing.ImageConfig), MediaTypes.Config);
        var manifest = new ImageManifest { MediaType = MediaTypes.Manifest, Config = configBlob, Layers = image.Layers };
        Descriptor top = image.Put(JsonSerializer.SerializeToUtf8Bytes(manifest, ImageSpecJson.Writing.ImageManifest), MediaTypes.Manifest);
        image.Manifest = Digest.Parse(top.Digest);
        File.WriteAllBytes(
            System.IO.Path.Combine(image._directory, "index.json"),
            JsonSerializer.SerializeToUtf8Bytes(new ImageIndex { Manifests = [top] }, ImageSpecJson.Writing.ImageIndex));
        return image;
    }

    /// <summary>Copies it to <c>host/repository:tag</c>.</summary>
    public void PushTo(RegistryServer registry, string name, bool login = false)
    {
        string[] credentials = login ? ["--dest-creds", $"{RegistryServer.User}:{RegistryServer.Password}"] : [];
        OciResult result = OciResult.Of(
            _directory, Skopeo, "", ["copy", "--dest-tls-verify=false", .. credentials, $"oci:{_directory}", $"docker://{registry.Host}/{name}"]);
        Assert.True(result.Code == 0, result.Error);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Blob(Digest digest) => System.IO.Path.Combine(_directory, "blobs", "sha256", digest.Hex);

    private Descriptor Put(byte[] bytes, string mediaType)
    {
        Digest digest = Digest.Of(bytes);
        File.WriteAllBytes(Blob(digest), bytes);
        return new Descriptor { MediaType = mediaType, Digest = digest.ToString(), Size = bytes.Length };
    }

    public static byte[] Tar(string name, byte[] content)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return bytes.ToArray();
    }
}
