using System.Text;

namespace DockerPS.Engine.Logs;

/// <summary>
/// Makes lines of the parts that stand in the log: output without a newline, or longer than 16 KiB, comes as several parts of one
/// stream, between which parts of the other may stand. A line has the time of its first part.
/// </summary>
internal sealed class LogAssembler(bool terminal)
{
    private readonly Pending[] _pending = [new(), new()];

    /// <summary>Adds a part; true when it completes a line.</summary>
    public bool Add(in LogLine part, out LogLine line)
    {
        Pending pending = _pending[(int)part.Stream];
        if (part.Partial)
        {
            if (pending.Text.Length == 0) pending.Time = part.Time;
            pending.Text.Append(part.Text);
            line = default;
            return false;
        }

        line = part;
        if (pending.Text.Length > 0)
        {
            line = new LogLine(pending.Time, part.Stream, pending.Text.Append(part.Text).ToString(), false);
            pending.Text.Clear();
        }

        // A terminal ends lines with carriage return and newline.
        if (terminal && line.Text.EndsWith('\r')) line = line with { Text = line.Text[..^1] };
        return true;
    }

    /// <summary>What was written last without a newline.</summary>
    public IEnumerable<LogLine> Rest()
    {
        foreach (ContainerStream stream in (ContainerStream[])[ContainerStream.StdOut, ContainerStream.StdErr])
        {
            Pending pending = _pending[(int)stream];
            if (pending.Text.Length == 0) continue;
            yield return new LogLine(pending.Time, stream, pending.Text.ToString(), true);
            pending.Text.Clear();
        }
    }

    private sealed class Pending
    {
        public StringBuilder Text { get; } = new();

        public DateTimeOffset Time { get; set; }
    }
}
