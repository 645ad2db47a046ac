using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DockerPS.Integration.Registry;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Pull;

/// <summary>Puts images of any kind into a registry by its API, wrong ones too.</summary>
internal sealed class RemoteImage(RegistryServer registry, string repository) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(registry.Url) };

    public List<Descriptor> Layers { get; } = [];

    /// <summary>Of the manifest that was put last.</summary>
    public string Digest { get; private set; } = "";

    private readonly List<string> _diffIds = [];

    public string Name(string tag) => $"{registry.Host}/{repository}:{tag}";

    /// <summary>A layer of these files; its diff id may be a lie.</summary>
    public async Task<RemoteImage> AddLayerAsync(Compression compression, string? diffId, params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }

        _diffIds.Add(diffId ?? DockerPS.Oci.Digests.Digest.Of(bytes.ToArray()).ToString());
        using var packed = new MemoryStream();
        switch (compression)
        {
            case Compression.Gzip:
                using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes.ToArray());
                break;
            case Compression.Zstd:
                using (var zstd = new ZstdSharp.CompressionStream(packed, leaveOpen: true)) zstd.Write(bytes.ToArray());
                break;
            default:
                packed.Write(bytes.ToArray());
                break;
        }

        Layers.Add(await PutBlobAsync(packed.ToArray(), MediaTypes.LayerOf(compression)));
        return this;
    }

    /// <summary>Puts a manifest of the layers so far.</summary>
    public async Task<Descriptor> PutAsync(string? tag, string platform = "linux/amd64", string author = "")
    {
        string[] parts = platform.Split('/');
        var config = new ImageConfig
        {
            Os = parts[0], Architecture = parts[1], Variant = parts.ElementAtOrDefault(2), Author = author, Rootfs = new RootFileSystem { DiffIds = [.. _diffIds] },
            Config = new ImageExecution { Cmd = ["sh"] },
        };
        Descriptor configBlob = await PutBlobAsync(JsonSerializer.SerializeToUtf8Bytes(config, ImageSpecJson.Writing.ImageConfig), MediaTypes.Config);
        var manifest = new ImageManifest { MediaType = MediaTypes.Manifest, Config = configBlob, Layers = [.. Layers] };
        Descriptor put = await PutManifestAsync(tag, JsonSerializer.SerializeToUtf8Bytes(manifest, ImageSpecJson.Writing.ImageManifest), MediaTypes.Manifest);
        Digest = put.Digest;
        put.Platform = new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.ElementAtOrDefault(2) };
        return put;
    }

    public Task<Descriptor> PutIndexAsync(string tag, params Descriptor[] manifests) => PutManifestAsync(
        tag, JsonSerializer.SerializeToUtf8Bytes(new ImageIndex { MediaType = MediaTypes.Index, Manifests = [.. manifests] }, ImageSpecJson.Writing.ImageIndex), MediaTypes.Index);

    /// <summary>Bytes that do not compress, the same for the same number.</summary>
    public static byte[] Noise(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Many small files.</summary>
    public static (string, byte[])[] Files(string directory, int count) =>
        [.. Enumerable.Range(0, count).Select(i => ($"{directory}/file{i}", Encoding.ASCII.GetBytes($"{directory} {i}")))];

    public void Dispose() => _http.Dispose();

    private async Task<Descriptor> PutBlobAsync(byte[] bytes, string mediaType)
    {
        var digest = DockerPS.Oci.Digests.Digest.Of(bytes);
        using HttpResponseMessage begun = await _http.PostAsync(new Uri($"/v2/{repository}/blobs/uploads/", UriKind.Relative), null);
        Uri location = begun.EnsureSuccessStatusCode().Headers.Location!;
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using HttpResponseMessage put = await _http.PutAsync(new Uri(location + (location.OriginalString.Contains('?') ? "&" : "?") + $"digest={digest}", UriKind.RelativeOrAbsolute), content);
        put.EnsureSuccessStatusCode();
        return new Descriptor { MediaType = mediaType, Digest = digest.ToString(), Size = bytes.Length };
    }

    private async Task<Descriptor> PutManifestAsync(string? tag, byte[] bytes, string mediaType)
    {
        var digest = DockerPS.Oci.Digests.Digest.Of(bytes);
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        using HttpResponseMessage put = await _http.PutAsync(new Uri($"/v2/{repository}/manifests/{tag ?? digest.ToString()}", UriKind.Relative), content);
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        return new Descriptor { MediaType = mediaType, Digest = digest.ToString(), Size = bytes.Length };
    }
}
