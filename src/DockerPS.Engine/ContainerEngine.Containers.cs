using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;

namespace DockerPS.Engine;

/// <summary>Which containers to return; conditions are joined by and, values of one by or.</summary>
public sealed record ContainerFilter
{
    /// <summary>Names, ids, id prefixes or patterns. A literal one is found in any state and throws when there is none.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>In all states; else running and paused only, unless <see cref="States"/> or a literal name is given.</summary>
    public bool All { get; init; }

    public IReadOnlyList<ContainerState> States { get; init; } = [];

    /// <summary><c>key</c> or <c>key=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>References, ids, or patterns.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Only the newest so many, in any state; 0 is no limit.</summary>
    public int Latest { get; init; }
}

/// <summary>Which lines of a log.</summary>
public sealed record LogFilter
{
    public bool Follow { get; init; }

    /// <summary>Only the last so many; null is all.</summary>
    public int? Tail { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    public ContainerStream? Stream { get; init; }
}

/// <summary>A command to run in a running container.</summary>
public sealed record ContainerCommand
{
    public required IReadOnlyList<string> Arguments { get; init; }

    public IReadOnlyList<string> Environment { get; init; } = [];

    public string? User { get; init; }

    public string? WorkingDirectory { get; init; }

    public bool Tty { get; init; }

    public bool Privileged { get; init; }

    public bool Detach { get; init; }
}

/// <summary>Receives the output of an attached process, in order, whole chunks of bytes; called by one thread at a time.</summary>
public delegate void OutputSink(ContainerStream stream, ReadOnlySpan<byte> bytes);

/// <summary>An attached process's standard streams.</summary>
/// <param name="Output">Called with what it writes.</param>
/// <param name="Input">Copied to its standard input, which is then closed; null is none.</param>
public sealed record Attachment(OutputSink Output, Stream? Input);

/// <summary>How an attached process ended.</summary>
public readonly record struct ProcessExit(int ExitCode, bool OomKilled);

public sealed partial class ContainerEngine
{
    /// <summary>Containers by filter, newest first. Ones whose supervisor is gone are reconciled on the way.</summary>
    /// <exception cref="DockerNotFoundException">ContainerNotFound: a literal name is nobody's.</exception>
    public IReadOnlyList<Container> GetContainers(ContainerFilter filter)
    {
        CatalogueDatabase catalogue = Catalogue;
        var query = new ContainerQuery(filter);
        List<ContainerRow> rows = query.LiteralOnly ? [.. filter.Names.Select(Resolve).DistinctBy(r => r.Id)]
            : query.RunningOnly ? ContainerTable.Running(catalogue)
            : ContainerTable.All(catalogue);
        if (query.Literals.Count > 0 && !query.LiteralOnly) rows = Join(rows, query.Literals);
        var found = new List<Container>();
        foreach (ContainerRow row in rows)
        {
            if (!query.MatchesRow(row) || View(row) is not { } container || !query.MatchesState(container)) continue;
            found.Add(container);
            if (found.Count == filter.Latest) break;
        }

        return found;
    }

    /// <summary>The one container of a name, id or unambiguous id prefix.</summary>
    /// <exception cref="DockerNotFoundException">ContainerNotFound.</exception>
    /// <exception cref="DockerConflictException">ContainerAmbiguous.</exception>
    public Container GetContainer(string name) => View(Resolve(name)) ?? throw NotFound(name);

    /// <summary>For completion: names of containers, newest first, without reconciling.</summary>
    public IReadOnlyList<string> GetContainerNames() => ContainerTable.Names(Catalogue);

    private List<ContainerRow> Join(List<ContainerRow> rows, IReadOnlyList<string> literals) =>
        [.. rows.Concat(literals.Select(Resolve)).DistinctBy(r => r.Id).OrderByDescending(r => r.Created)];
}
