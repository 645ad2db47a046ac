using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace DockerPS.Bench;

/// <summary>Writes an archive as <c>docker save</c> does: a configuration, a manifest, and a tar for each layer.</summary>
internal static class SavedArchive
{
    public static void Write(string path, string name, CancellationToken cancellationToken)
    {
        using FileStream file = File.Create(path);
        using var archive = new TarWriter(file);
        var digests = new List<string>();
        for (int layer = 0; layer < MachineLayers.Count; layer++)
        {
            string temporary = path + ".layer";
            try
            {
                MachineLayers.Write(temporary, layer, cancellationToken);
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

    private static void Add(TarWriter tar, string name, byte[] content) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = new MemoryStream(content, writable: false),
        ModificationTime = DateTimeOffset.UnixEpoch,
    });
}
