namespace DockerPS;

/// <summary>How something differs.</summary>
public enum ContainerChangeKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>A file that a container changed in its image (<c>docker diff</c>).</summary>
public sealed record ContainerChange
{
    /// <summary>Name of the container.</summary>
    public required string Container { get; init; }

    public required ContainerChangeKind Kind { get; init; }

    /// <summary>Absolute, in the container.</summary>
    public required string Path { get; init; }

    /// <summary>The file in the image; null when it was added.</summary>
    public ContainerFile? Before { get; init; }

    /// <summary>The file in the container; null when it was deleted.</summary>
    public ContainerFile? After { get; init; }

    public ContainerFileType Type => File.Type;

    public string Mode => File.Mode;

    public UnixFileMode Permissions => File.Permissions;

    public long Uid => File.Uid;

    public long Gid => File.Gid;

    /// <summary>Bytes; of a deleted file what it had.</summary>
    public long Size => File.Size;

    public DateTimeOffset Modified => File.Modified;

    public string LinkTarget => File.LinkTarget;

    private ContainerFile File => After ?? Before!;

    /// <summary>As docker prints it: <c>A /path</c>, <c>C /path</c>, <c>D /path</c>.</summary>
    public override string ToString() =>
        $"{(Kind == ContainerChangeKind.Added ? 'A' : Kind == ContainerChangeKind.Deleted ? 'D' : 'C')} {Path}";
}
