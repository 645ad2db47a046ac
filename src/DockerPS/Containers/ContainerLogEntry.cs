namespace DockerPS;

/// <summary>Which of a process's two output streams.</summary>
public enum ContainerStream
{
    StdOut,
    StdErr,
}

/// <summary>One line that a container wrote.</summary>
public sealed record ContainerLogEntry(DateTimeOffset Time, ContainerStream Stream, string Line)
{
    public string ContainerId { get; init; } = "";

    public string ContainerName { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Line;
}

/// <summary>How a container or a command in one ended.</summary>
public sealed record ContainerResult(int ExitCode, IReadOnlyList<string> StdOut, IReadOnlyList<string> StdErr, TimeSpan Duration)
{
    public IReadOnlyList<string> StdOut { get; init => field = Indexable.List(value); } = Indexable.List(StdOut);

    public IReadOnlyList<string> StdErr { get; init => field = Indexable.List(value); } = Indexable.List(StdErr);

    public string ContainerId { get; init; } = "";

    public string ContainerName { get; init; } = "";

    public bool OomKilled { get; init; }
}

/// <summary>What <c>Wait-Container</c> returns.</summary>
public sealed record ContainerExit(string Id, string Name, int ExitCode, bool OomKilled, DateTimeOffset Finished);
