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
    public IReadOnlyList<Container> GetContainers(ContainerFilter filter) => throw new NotImplementedException();

    /// <summary>The one container of a name, id or unambiguous id prefix.</summary>
    /// <exception cref="DockerNotFoundException">ContainerNotFound.</exception>
    /// <exception cref="DockerConflictException">ContainerAmbiguous.</exception>
    public Container GetContainer(string name) => throw new NotImplementedException();

    public Task<Container> CreateContainerAsync(ContainerSpec spec, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Starts a created or exited container; one that runs is left alone. Returns when its process executes.</summary>
    public Task<Container> StartContainerAsync(string id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Starts with streams attached and returns when it has ended and is torn down; removes it when AutoRemove.</summary>
    public Task<ProcessExit> StartAttachedAsync(string id, Attachment attachment, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Sends the stop signal, waits, kills. Idempotent. Null takes the container's own signal and grace.</summary>
    public Task<Container> StopContainerAsync(string id, TimeSpan? grace, string? signal, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<Container> RestartContainerAsync(string id, TimeSpan? grace, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Sends a signal by name or number (<c>KILL</c>, <c>SIGHUP</c>, <c>9</c>).</summary>
    public Task SendSignalAsync(string id, string signal, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<Container> SuspendContainerAsync(string id, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<Container> ResumeContainerAsync(string id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Waits for the end of the present run; one that does not run answers at once with its last exit.</summary>
    public Task<ContainerExit> WaitContainerAsync(string id, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Container RenameContainer(string id, string newName) => throw new NotImplementedException();

    /// <summary>Removes; a running one only with force (SIGKILL first).</summary>
    public Task RemoveContainerAsync(string id, bool force, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Runs a command in a running container; with Detach returns 0 when it has started.</summary>
    public Task<ProcessExit> ExecuteAsync(
        string id, ContainerCommand command, Attachment? attachment, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Lines of the log, oldest first; with Follow until the container ends.</summary>
    public IAsyncEnumerable<ContainerLogEntry> GetLogAsync(string id, LogFilter filter, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public ContainerEngineInfo GetInfo() => throw new NotImplementedException();

    /// <summary>For completion: names of containers, newest first, without reconciling.</summary>
    public IReadOnlyList<string> GetContainerNames() => throw new NotImplementedException();

    /// <summary>For completion: names of images.</summary>
    public IReadOnlyList<string> GetImageNames() => throw new NotImplementedException();
}
