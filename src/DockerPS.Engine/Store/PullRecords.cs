using System.Text.Json;
using System.Text.Json.Serialization;
using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Store;

/// <summary>
/// What running and interrupted pulls want: <c>content/pulls/…</c>, one file for each manifest. The collector keeps what they name, so that
/// a repeated pull goes on where the last one stopped; a pull that has written its image removes its record.
/// </summary>
internal sealed class PullRecords(StoreLayout layout, TimeSpan lifetime)
{
    /// <summary>Says what the pull of a manifest wants, before anything of it is stored.</summary>
    public void Put(StoreSession session, Digest manifest, PullRecord record) => DurableFile.Write(
        PathOf(manifest), session.NewFile(), JsonSerializer.SerializeToUtf8Bytes(record, PullRecordJson.Default.PullRecord));

    /// <summary>Says it again when the record is gone, so far as the disk lets us: what failed before is what is told.</summary>
    public void Keep(StoreSession session, Digest manifest, PullRecord record)
    {
        try
        {
            if (!File.Exists(PathOf(manifest))) Put(session, manifest, record);
        }
        catch (IOException)
        {
            // Without a record the next pull begins anew.
        }
    }

    /// <summary>The image is in the catalogue now, or nobody wants it any more.</summary>
    public void Remove(Digest manifest) => File.Delete(PathOf(manifest));

    /// <summary>Gives up all interrupted pulls; the next collection takes what they had. Running ones go on.</summary>
    /// <returns>How many there were.</returns>
    public int Drop()
    {
        string[] files = Directory.GetFiles(layout.Pulls);
        foreach (string file in files) File.Delete(file);
        return files.Length;
    }

    /// <summary>Whether one is older than it may become. One directory listing, mostly of nothing.</summary>
    public bool HasExpired() => Directory.EnumerateFiles(layout.Pulls).Any(IsExpired);

    /// <summary>Records that are kept; expired and unreadable ones are removed. To be called by who holds the session lock alone.</summary>
    public List<PullRecord> Current()
    {
        var records = new List<PullRecord>();
        foreach (string file in Directory.GetFiles(layout.Pulls))
        {
            PullRecord? record = IsExpired(file) ? null : Read(file);
            if (record is null) File.Delete(file);
            else records.Add(record);
        }

        return records;
    }

    /// <summary>Records that are kept, without removing any.</summary>
    public List<PullRecord> Peek() => [.. Directory.GetFiles(layout.Pulls).Where(file => !IsExpired(file)).Select(Read).OfType<PullRecord>()];

    private static PullRecord? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), PullRecordJson.Default.PullRecord);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private bool IsExpired(string file) => DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > lifetime;

    private string PathOf(Digest manifest) => Path.Combine(layout.Pulls, $"{manifest.Algorithm}-{manifest.Hex}.json");
}

/// <summary>What one pull wants.</summary>
internal sealed record PullRecord
{
    /// <summary>As it was asked for, for people.</summary>
    public required string Reference { get; init; }

    /// <summary>Digests of manifest, config and layers.</summary>
    public required IReadOnlyList<string> Blobs { get; init; }

    /// <summary>Chain ids of its layers.</summary>
    public required IReadOnlyList<string> Layers { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PullRecord))]
internal sealed partial class PullRecordJson : JsonSerializerContext;
