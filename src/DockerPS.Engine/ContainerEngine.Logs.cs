using System.Runtime.CompilerServices;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Logs;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    private const int ShortestPoll = 10;
    private const int LongestPoll = 100;

    /// <summary>Lines of the log, oldest first; with Follow until the container ends.</summary>
    /// <exception cref="DockerNotFoundException">ContainerNotFound, at the call.</exception>
    /// <exception cref="DockerArgumentException">InvalidTail.</exception>
    public IAsyncEnumerable<ContainerLogEntry> GetLogAsync(string id, LogFilter filter, CancellationToken cancellationToken)
    {
        if (filter.Tail is < 0)
            throw new DockerArgumentException("InvalidTail", "The number of lines cannot be negative. Use 0 or more.", filter.Tail);
        return ReadLogAsync(Resolve(id), filter, cancellationToken);
    }

    private async IAsyncEnumerable<ContainerLogEntry> ReadLogAsync(
        ContainerRow row, LogFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ContainerDirectory directory = DirectoryOf(row.Id);
        bool Accepts(LogLine line) => (filter.Stream is null || line.Stream == filter.Stream)
            && (filter.Since is null || line.Time >= filter.Since)
            && (filter.Until is null || line.Time <= filter.Until);
        ContainerLogEntry Entry(LogLine line) =>
            new(line.Time, line.Stream, line.Text) { ContainerId = row.Id, ContainerName = row.Name };

        // Asked before the log is read: what is written until then is read by the last look below.
        Run run = filter.Follow ? Current(row) : default;
        Task? end = run.State is RunState.Alive ? LogEndAsync(row, run, cancellationToken) : null;
        IEnumerable<LogLine> first;
        LogReader reader;
        if (filter.Tail is { } count)
        {
            reader = LogReader.Tail(directory.Log, row.Spec.Tty, count, Accepts, out List<LogLine> lines);
            if (end is null) lines.AddRange(reader.Rest().Where(Accepts));
            first = lines.Skip(lines.Count - count);
        }
        else
        {
            reader = new LogReader(directory.Log, row.Spec.Tty);
            first = reader.ReadAll().Where(Accepts);
        }

        using (reader)
        {
            foreach (LogLine line in first)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Entry(line);
            }

            for (int delay = ShortestPoll; end is not null; delay = Math.Min(delay * 2, LongestPoll))
            {
                // The log is complete when the supervisor has answered or is gone; hence this order.
                bool last = end.IsCompleted;
                foreach (LogLine line in reader.ReadAll())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (!Accepts(line)) continue;
                    delay = ShortestPoll;
                    yield return Entry(line);
                }

                if (last || DateTimeOffset.UtcNow > filter.Until) break;
                await Task.WhenAny(end, Task.Delay(delay, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            foreach (LogLine line in reader.Rest().Where(Accepts)) yield return Entry(line);
        }
    }

    /// <summary>Waits until the log of a run is complete. A supervisor that tears down takes no questions any more, and may still write.</summary>
    private async Task LogEndAsync(ContainerRow row, Run run, CancellationToken cancellationToken)
    {
        if (await TryAskAsync(row, new ControlRequest { Verb = "wait" }, cancellationToken).ConfigureAwait(false) is not null) return;
        await Liveness.EndAsync(run.Supervised!, TeardownTime, cancellationToken).ConfigureAwait(false);
    }
}
