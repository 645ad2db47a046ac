using System.Text.Json;
using System.Text.Json.Serialization;
using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Store;

/// <summary>
/// What layers that are stored plain became when they were compressed for a push: <c>content/compressed/…</c>, one small file each. So a later push
/// can ask the registry for it before it compresses anything.
/// </summary>
internal sealed class CompressedLayers(StoreLayout layout)
{
    private string Directory => Path.Combine(layout.Content, "compressed");

    /// <summary>Null when the layer was not compressed yet.</summary>
    public CompressedLayer? Find(Digest plain)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(plain)), CompressedLayerJson.Default.CompressedLayer);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    public void Put(StoreSession session, Digest plain, CompressedLayer compressed)
    {
        System.IO.Directory.CreateDirectory(Directory);
        DurableFile.Write(PathOf(plain), session.NewFile(), JsonSerializer.SerializeToUtf8Bytes(compressed, CompressedLayerJson.Default.CompressedLayer));
    }

    /// <summary>Forgets the layers that are not stored any more.</summary>
    public void Keep(IReadOnlySet<string> blobs)
    {
        if (!System.IO.Directory.Exists(Directory)) return;
        foreach (string file in System.IO.Directory.EnumerateFiles(Directory))
        {
            if (!blobs.Contains(Path.GetFileNameWithoutExtension(file).Replace('-', ':'))) File.Delete(file);
        }
    }

    private string PathOf(Digest plain) => Path.Combine(Directory, $"{plain.Algorithm}-{plain.Hex}.json");
}

/// <summary>A layer compressed with gzip.</summary>
internal sealed record CompressedLayer(string Digest, long Size);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CompressedLayer))]
internal sealed partial class CompressedLayerJson : JsonSerializerContext;
