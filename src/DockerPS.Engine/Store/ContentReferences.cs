using DockerPS.Engine.Catalogue;

namespace DockerPS.Engine.Store;

/// <summary>How many images have each blob and each unpacked layer, and what becomes free when some go.</summary>
internal sealed class ContentReferences(Func<string, long> blobLength)
{
    private readonly Dictionary<string, (int Count, long Size)> _content = new(StringComparer.Ordinal);

    /// <summary>Bytes of all, each once.</summary>
    public long Total => _content.Values.Sum(content => content.Size);

    public void Add(ImageRow row)
    {
        foreach ((string key, Func<long> size) in Parts(row))
            _content[key] = _content.TryGetValue(key, out (int Count, long Size) known) ? (known.Count + 1, known.Size) : (1, size());
    }

    /// <summary>Others refer to these, too.</summary>
    public void Keep(IEnumerable<string> keys)
    {
        foreach (string key in keys)
            _content[key] = _content.TryGetValue(key, out (int Count, long Size) known) ? (known.Count + 1, known.Size) : (1, 0);
    }

    public bool Has(string key) => _content.ContainsKey(key);

    public long SizeOf(ImageRow row) => Parts(row).Sum(part => _content[part.Key].Size);

    public long SharedBy(ImageRow row) => Parts(row).Sum(part => _content[part.Key] is { Count: > 1, Size: var size } ? size : 0);

    /// <summary>The image goes: returns the bytes that nobody has then.</summary>
    public long Release(ImageRow row)
    {
        long free = 0;
        foreach ((string key, _) in Parts(row))
        {
            (int count, long size) = _content[key];
            if (count == 1) free += size;
            if (count == 1) _content.Remove(key);
            else _content[key] = (count - 1, size);
        }

        return free;
    }

    /// <summary>The key of an unpacked layer, which may have the digest of a blob.</summary>
    public static string Layer(string chainId) => "layer " + chainId;

    private List<(string Key, Func<long> Size)> Parts(ImageRow row)
    {
        var parts = new Dictionary<string, Func<long>>(StringComparer.Ordinal);
        foreach (string blob in (IEnumerable<string>)[row.Manifest, row.Id, .. row.Layers.Select(layer => layer.Blob), .. Indexes(row)])
            parts[blob] = () => blobLength(blob);
        foreach (ImageLayer layer in row.Layers) parts[Layer(layer.ChainId)] = () => layer.Size;
        return [.. parts.Select(part => (part.Key, part.Value))];
    }

    /// <summary>Manifests and indexes as registries have them.</summary>
    private static IEnumerable<string> Indexes(ImageRow row) =>
        row.RepositoryDigests.Select(digest => digest[(digest.IndexOf('@', StringComparison.Ordinal) + 1)..]);
}
