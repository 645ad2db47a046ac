using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Hosting;

/// <summary>Shows the engine's progress: one activity an item, at most ten records a second each.</summary>
internal sealed class ItemProgress(EngineCommand command, string activity) : IProgress<EngineProgress>
{
    private const int IntervalMilliseconds = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Item> _items = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Report(EngineProgress value)
    {
        bool done = string.Equals(value.Status, "Done", StringComparison.OrdinalIgnoreCase);
        int id;
        lock (_gate)
        {
            if (!_items.TryGetValue(value.Item, out Item? item)) _items[value.Item] = item = new Item(_items.Count + 1);
            long now = Environment.TickCount64;
            // Changes of status wait too: many small items would flood the host. What was done before it was shown is never shown.
            if (item.Done || (!done && item.WrittenAt != 0 && now - item.WrittenAt < IntervalMilliseconds)) return;
            bool shown = item.WrittenAt != 0;
            item.Done = done;
            if (done && !shown) return;
            (item.WrittenAt, id) = (now, item.Id);
        }
        command.Pump.Post(() => command.WriteProgress(Record(id, value, done)));
    }

    /// <summary>Takes all activities off the screen.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            foreach ((string name, Item item) in _items)
            {
                if (item.Done) continue;
                item.Done = true;
                int id = item.Id;
                command.Pump.Post(() => command.WriteProgress(Record(id, new EngineProgress(name, "Done", 0, 0), true)));
            }
        }
    }

    private ProgressRecord Record(int id, EngineProgress value, bool done)
    {
        string amount = value.Total > 0
            ? $" {new ByteSize(value.Done)} of {new ByteSize(value.Total)}"
            : value.Done > 0 ? $" {new ByteSize(value.Done)}" : "";
        return new ProgressRecord(id, $"{activity} {value.Item}", (value.Status.Length > 0 ? value.Status : "Working") + amount)
        {
            PercentComplete = value.Total > 0 ? (int)Math.Clamp(100 * value.Done / value.Total, 0, 100) : -1,
            RecordType = done ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        };
    }

    private sealed class Item(int id)
    {
        public int Id { get; } = id;

        public long WrittenAt { get; set; }

        public bool Done { get; set; }
    }
}
