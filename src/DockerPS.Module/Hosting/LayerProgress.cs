using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Hosting;

/// <summary>Shows a pull or push: a bar for all of it, and below that one for each layer, with bytes and rate.</summary>
internal sealed class LayerProgress(EngineCommand command, string activity) : IProgress<EngineProgress>
{
    private const int IntervalMilliseconds = 100, Total = 1, FirstLayer = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Layer> _layers = new(StringComparer.Ordinal);
    private readonly TransferRate _rate = new();
    private long _writtenAt;
    private bool _shown;

    /// <inheritdoc/>
    public void Report(EngineProgress value)
    {
        ProgressRecord? layerRecord = null, totalRecord = null;
        lock (_gate)
        {
            if (!_layers.TryGetValue(value.Item, out Layer? layer)) _layers[value.Item] = layer = new Layer(FirstLayer + _layers.Count);
            long now = Environment.TickCount64;
            layer.Take(value, now);
            if (layer.IsDue(now, IntervalMilliseconds)) layerRecord = layer.Record(now);
            if (now - _writtenAt >= IntervalMilliseconds && value.Status != "Waiting")
            {
                (_writtenAt, _shown) = (now, true);
                totalRecord = TotalRecord(now);
            }
        }

        if (totalRecord is not null) Write(totalRecord);
        if (layerRecord is not null) Write(layerRecord);
    }

    /// <summary>Takes all bars off the screen.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            foreach (Layer layer in _layers.Values.Where(layer => layer.Shown)) Write(Completed(layer.Id, layer.Name));
            if (_shown) Write(Completed(Total, activity));
            _layers.Clear();
            _shown = false;
        }
    }

    private void Write(ProgressRecord record) => command.Pump.Post(() => command.WriteProgress(record));

    private static ProgressRecord Completed(int id, string name) => new(id, name, "Done") { RecordType = ProgressRecordType.Completed };

    private ProgressRecord TotalRecord(long now)
    {
        long total = 0, moved = 0, finished = 0;
        foreach (Layer layer in _layers.Values)
        {
            total += layer.Total;
            moved += layer.Moved;
            finished += layer.Finished;
        }

        long rate = _rate.Of(moved, now);
        int done = _layers.Values.Count(layer => layer.Done);
        string speed = rate > 0 && moved < total ? $", {new ByteSize(rate)}/s" : "";
        return new ProgressRecord(Total, activity, $"{new ByteSize(moved)} of {new ByteSize(total)}{speed}, {done} of {_layers.Count} layers done")
        {
            // Of a pull, to bring it is one half of the work, and to unpack it the other.
            PercentComplete = total > 0 ? (int)Math.Clamp(50 * (moved + finished) / total, 0, 100) : -1,
            SecondsRemaining = rate > 0 && moved < total ? (int)Math.Min((total - moved) / rate, int.MaxValue) : -1,
        };
    }

    private sealed class Layer(int id)
    {
        private readonly TransferRate _rate = new();
        private string _status = "";
        private long _amount, _dueAt;

        public int Id => id;

        public string Name { get; private set; } = "";

        public bool Shown { get; private set; }

        public bool Done { get; private set; }

        public long Total { get; private set; }

        /// <summary>Bytes that came or went.</summary>
        public long Moved { get; private set; }

        /// <summary>Bytes with which nothing more is to be done.</summary>
        public long Finished { get; private set; }

        public void Take(in EngineProgress value, long now)
        {
            if (_status != value.Status) (_status, _dueAt) = (value.Status, now);
            (Name, Total, _amount, Done) = (value.Item, value.Total, value.Done, value.Status == "Done");
            switch (value.Status)
            {
                case "Unpacking": (Moved, Finished) = (Total, Math.Max(Finished, value.Done)); break;
                case "Pushing": Moved = Finished = value.Done; break;
                case "Done": Moved = Finished = Total; break;
                case "Waiting": break;
                default: Moved = value.Done; break;
            }
        }

        /// <summary>Changes are shown at once, and else a few times a second. What was done before it was shown is never shown.</summary>
        public bool IsDue(long now, int interval)
        {
            if (now < _dueAt || (!Shown && _status is "Waiting" or "Done")) return false;
            _dueAt = now + interval;
            return true;
        }

        public ProgressRecord Record(long now)
        {
            Shown = !Done;
            if (Done) return Completed(id, Name);
            long rate = _rate.Of(_amount, now);
            string speed = rate > 0 && _status != "Waiting" ? $", {new ByteSize(rate)}/s" : "";
            return new ProgressRecord(id, Name, $"{_status} {new ByteSize(_amount)} of {new ByteSize(Total)}{speed}")
            {
                ParentActivityId = LayerProgress.Total,
                PercentComplete = Total > 0 ? (int)Math.Clamp(100 * _amount / Total, 0, 100) : -1,
            };
        }
    }
}
