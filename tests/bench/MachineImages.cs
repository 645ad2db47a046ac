using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace DockerPS.Bench;

/// <summary>
/// Images of this machine's folders in a registry on loopback. Each has layers that no other has, so that nothing has to be removed
/// between measurements: a file system is slow for minutes after many files were deleted.
/// </summary>
internal sealed class MachineImages : IDisposable
{
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar+";
    private readonly string _directory;
    private readonly Dictionary<string, string> _layouts = [];
    private readonly LoopbackRegistry _registry;

    public MachineImages(string directory)
    {
        _directory = directory;
        if (Processes.Find("skopeo") is null) throw new InvalidOperationException("skopeo is not installed");
        _registry = new LoopbackRegistry(Path.Combine(directory, "registry"));
    }

    public string Host => _registry.Host;

    /// <summary>The tars of an image's layers, uncompressed, made again.</summary>
    public string[] WriteTars(string tag, CancellationToken cancellationToken)
    {
        string directory = Layout(tag) + "-tars";
        string[] tars = [.. Enumerable.Range(0, MachineLayers.Count).Select(i => Path.Combine(directory, $"{i}.tar"))];
        for (int i = 0; i < tars.Length; i++)
            if (!File.Exists(tars[i])) MachineLayers.Write(tars[i], i, tag, cancellationToken);
        return tars;
    }

    /// <summary>Its compressed layers.</summary>
    public string[] Blobs(string tag) => [.. Directory.GetFiles(Path.Combine(Layout(tag), "blobs", "sha256")).Where(file => new FileInfo(file).Length > 100_000)];

    /// <summary>Its OCI layout.</summary>
    public string Layout(string tag) => _layouts[tag];

    /// <summary>Name of an image in the registry, made and pushed at the first call.</summary>
    /// <param name="tag">Also makes it different from others.</param>
    /// <param name="compression">gzip or zstd.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    public string Get(string tag, string compression, CancellationToken cancellationToken)
    {
        string name = $"{Host}/bench/machine:{tag}";
        if (_layouts.ContainsKey(tag)) return name;
        string layout = Path.Combine(_directory, tag);
        Directory.CreateDirectory(Path.Combine(layout, "blobs", "sha256"));
        Directory.CreateDirectory(layout + "-tars");
        var layers = new (string DiffId, string Digest, long Size)[MachineLayers.Count];
        Parallel.For(0, layers.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, i =>
        {
            string tar = Path.Combine(layout + "-tars", $"{i}.tar"), packed = Path.Combine(layout, $"{i}");
            MachineLayers.Write(tar, i, tag, cancellationToken);
            Compress(tar, packed, compression);
            layers[i] = (Digest(tar), Digest(packed), new FileInfo(packed).Length);
            File.Delete(tar);
            File.Move(packed, Path.Combine(layout, "blobs", "sha256", layers[i].Digest));
        });
        string architecture = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";
        string diffIds = string.Join(',', layers.Select(l => $"\"sha256:{l.DiffId}\""));
        (string config, int configSize) = Put(layout,
            $$"""{"architecture":"{{architecture}}","os":"linux","config":{"Cmd":["true"]},"rootfs":{"type":"layers","diff_ids":[{{diffIds}}]} }""");
        string list = string.Join(',', layers.Select(l => $$"""{"mediaType":"{{LayerType}}{{compression}}","digest":"sha256:{{l.Digest}}","size":{{l.Size}} }"""));
        const string manifestType = "application/vnd.oci.image.manifest.v1+json";
        (string manifest, int size) = Put(layout,
            $$"""{"schemaVersion":2,"mediaType":"{{manifestType}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{{config}}","size":{{configSize}} },"layers":[{{list}}]}""");
        File.WriteAllText(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllText(Path.Combine(layout, "index.json"),
            $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{manifestType}}","digest":"sha256:{{manifest}}","size":{{size}},"annotations":{"org.opencontainers.image.ref.name":"1"} }]}""");
        Processes.Run("skopeo", "copy", "-q", "--dest-tls-verify=false", $"oci:{layout}:1", $"docker://{name}");
        _layouts[tag] = layout;
        return name;
    }

    public void Dispose() => _registry.Dispose();

    private static void Compress(string source, string target, string compression)
    {
        if (compression == "zstd")
        {
            Processes.Run("zstd", "-q", "-3", source, "-o", target);
            return;
        }

        using FileStream input = File.OpenRead(source), output = File.Create(target);
        using var gzip = new GZipStream(output, CompressionLevel.Optimal);
        input.CopyTo(gzip, 1 << 20);
    }

    private static string Digest(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static (string Digest, int Size) Put(string layout, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        string digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        File.WriteAllBytes(Path.Combine(layout, "blobs", "sha256", digest), bytes);
        return (digest, bytes.Length);
    }
}
