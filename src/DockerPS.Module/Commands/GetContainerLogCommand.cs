using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Conversion;

namespace DockerPS.Module.Commands;

/// <summary>The lines that containers wrote, as objects.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerLog", DefaultParameterSetName = "Name")]
[OutputType(typeof(ContainerLogEntry))]
public sealed class GetContainerLogCommand : ContainersCommand
{
    private const int Batch = 128;

    [Parameter]
    public SwitchParameter Follow { get; set; }

    [Parameter]
    [Alias("Last")]
    [Number<int>("InvalidTail", "0", "2147483647")]
    public int? Tail { get; set; }

    [Parameter]
    [Instant("InvalidSince")]
    public DateTimeOffset? Since { get; set; }

    [Parameter]
    [Instant("InvalidUntil")]
    public DateTimeOffset? Until { get; set; }

    [Parameter]
    [Word<ContainerStream>("InvalidStream")]
    public ContainerStream? Stream { get; set; }

    // Followed logs are read side by side; others one after the other, so that each comes out whole.
    private protected override int AtOnce => Follow ? int.MaxValue : 1;

    private protected override bool Confirm(Container container) => true;

    private protected override async Task<object?> ActAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken)
    {
        var filter = new LogFilter { Follow = Follow, Tail = Tail, Since = Since, Until = Until, Stream = Stream };
        List<ContainerLogEntry> entries = [];
        await using IAsyncEnumerator<ContainerLogEntry> log =
            engine.GetLogAsync(container.Id, filter, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            ValueTask<bool> next = log.MoveNextAsync();
            // What has been read is shown before waiting for more.
            if (entries.Count >= Batch || (entries.Count > 0 && !next.IsCompleted))
            {
                Write(entries);
                entries = [];
            }
            if (!await next) break;
            entries.Add(log.Current);
        }
        Write(entries);
        return null;
    }

    private void Write(List<ContainerLogEntry> entries)
    {
        if (entries.Count > 0) Pump.Post(() => entries.ForEach(WriteObject));
    }
}
