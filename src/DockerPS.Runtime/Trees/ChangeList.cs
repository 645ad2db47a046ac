using System.Text.Json;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Trees;

/// <summary>Tells of changes, many in one message.</summary>
internal sealed class ChangeList(MessageChannel channel)
{
    /// <summary>Paths are at most 4 KiB, and twice as long as links' targets beside: a message stays below its limit.</summary>
    private const int Batch = 32;
    private readonly List<TreeChange> _waiting = [];

    public long Count { get; private set; }

    public void Add(TreeChange change)
    {
        _waiting.Add(change);
        Count++;
        if (_waiting.Count == Batch) Flush();
    }

    public void Flush()
    {
        if (_waiting.Count > 0) channel.Items(JsonSerializer.SerializeToUtf8Bytes(_waiting, BundleJson.Default.ListTreeChange));
        _waiting.Clear();
    }
}
