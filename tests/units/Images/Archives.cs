using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using DockerPS.Oci.Digests;
using DockerPS.Oci.Docker;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Units.Images;

/// <summary>Makes archives for tests, entry by entry.</summary>
internal sealed class Archives(string directory)
{
    private readonly List<(string Name, byte[] Bytes, string? Link)> _entries = [];

    public Archives Add(string name, byte[] bytes)
    {
        _entries.Add((name, bytes, null));
        return this;
    }

    public Archives AddLink(string name, string target)
    {
        _entries.Add((name, [], target));
        return this;
    }

    /// <summary>A layer of one file.</summary>
    public static byte[] Layer(string name, string text)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }

        return bytes.ToArray();
    }

    public static byte[] Config(params IEnumerable<byte[]> layers) => JsonSerializer.SerializeToUtf8Bytes(
        new ImageConfig
        {
            Created = "2024-05-06T07:08:09.123456789Z",
            Architecture = "amd64",
            Os = "linux",
            Config = new ImageExecution { Cmd = ["sh"], Env = ["A=b"] },
            Rootfs = new RootFileSystem { DiffIds = [.. layers.Select(layer => Digest.Of(layer).ToString())] },
        },
        ImageSpecJson.Writing.ImageConfig);

    public static byte[] DockerManifest(params List<DockerArchiveImage> images) =>
        JsonSerializer.SerializeToUtf8Bytes(images, ImageSpecJson.Writing.ListDockerArchiveImage);

    public static Descriptor Describe(byte[] bytes, string mediaType, string? name = null, Platform? platform = null) => new()
    {
        MediaType = mediaType,
        Digest = Digest.Of(bytes).ToString(),
        Size = bytes.Length,
        Annotations = name is null ? null : new() { [AnnotationKeys.ReferenceName] = name },
        Platform = platform,
    };

    public static byte[] Manifest(byte[] config, string mediaType, params IEnumerable<byte[]> layers) => JsonSerializer.SerializeToUtf8Bytes(
        new ImageManifest
        {
            MediaType = mediaType,
            Config = Describe(config, mediaType == MediaTypes.Manifest ? MediaTypes.Config : MediaTypes.DockerConfig),
            Layers = [.. layers.Select(layer => Describe(layer, MediaTypes.Layer))],
        },
        ImageSpecJson.Writing.ImageManifest);

    public static byte[] Index(params List<Descriptor> manifests) =>
        JsonSerializer.SerializeToUtf8Bytes(new ImageIndex { Manifests = manifests }, ImageSpecJson.Writing.ImageIndex);

    public static string BlobName(byte[] bytes) => "blobs/sha256/" + Digest.Of(bytes).Hex;

    /// <summary>Adds blobs under their names of a layout, and the file oci-layout.</summary>
    public Archives AddLayout(byte[] index, params byte[][] blobs)
    {
        foreach (byte[] blob in blobs) Add(BlobName(blob), blob);
        return Add("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"u8.ToArray()).Add("index.json", index);
    }

    /// <summary>Writes a tar, through a compressing stream when one is given.</summary>
    public string Write(string name, Func<Stream, Stream>? compress = null)
    {
        string path = Path.Combine(directory, name);
        using Stream file = compress is null ? File.Create(path) : compress(File.Create(path));
        using var tar = new TarWriter(file, TarEntryFormat.Ustar);
        foreach ((string entry, byte[] bytes, string? link) in _entries)
        {
            if (link is null) tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, entry) { DataStream = new MemoryStream(bytes) });
            else tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, entry) { LinkName = link });
        }

        return path;
    }

    /// <summary>Writes a directory with the same files.</summary>
    public string WriteDirectory(string name)
    {
        string path = Path.Combine(directory, name);
        foreach ((string entry, byte[] bytes, _) in _entries)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, entry))!);
            File.WriteAllBytes(Path.Combine(path, entry), bytes);
        }

        return path;
    }
}
