using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace DockerPS.Bench;

/// <summary>Writes an archive as <c>docker save</c> does: a configuration, a manifest, and a tar for each layer.</summary>
internal static class SavedArchive
{
    private const int FileBytes = 1 << 20;

    public static void Write(string path, string name, int layers, long layerBytes, CancellationToken cancellationToken)
    {
        using FileStream file = File.Create(path);
        using var archive = new TarWriter(file);
        var digests = new List<string>();
        var random = new Random(1);
        for (int layer = 0; layer < layers; layer++)
        {
            string temporary = path + ".layer";
            try
            {
                WriteLayer(temporary, layer, layerBytes, random, cancellationToken);
                using (FileStream content = File.OpenRead(temporary))
                    digests.Add(Convert.ToHexStringLower(SHA256.HashData(content)));
                archive.WriteEntry(temporary, $"{digests[layer]}/layer.tar");
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        string ids = string.Join(',', digests.Select(d => $"\"sha256:{d}\""));
        string architecture = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture ==
            System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";
        byte[] configuration = Encoding.UTF8.GetBytes(
            $$"""{"architecture":"{{architecture}}","os":"linux","config":{"Cmd":["true"]},"rootfs":{"type":"layers","diff_ids":[{{ids}}]} }""");
        string id = Convert.ToHexStringLower(SHA256.HashData(configuration));
        Add(archive, id + ".json", configuration);
        string paths = string.Join(',', digests.Select(d => $"\"{d}/layer.tar\""));
        Add(archive, "manifest.json",
            Encoding.UTF8.GetBytes($$"""[{"Config":"{{id}}.json","RepoTags":["{{name}}"],"Layers":[{{paths}}]}]"""));
    }

    /// <summary>Files of a megabyte, half of each random, so that it compresses about as programs do.</summary>
    private static void WriteLayer(string path, int layer, long bytes, Random random, CancellationToken cancellationToken)
    {
        using FileStream file = File.Create(path);
        using var tar = new TarWriter(file);
        byte[] content = new byte[FileBytes];
        for (int i = 0; i < bytes / FileBytes; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.NextBytes(content.AsSpan(0, FileBytes / 2));
            Add(tar, $"data/{layer}/{i}", content);
        }
    }

    private static void Add(TarWriter tar, string name, byte[] content) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = new MemoryStream(content, writable: false),
        ModificationTime = DateTimeOffset.UnixEpoch,
    });
}
