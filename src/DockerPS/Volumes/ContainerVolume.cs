namespace DockerPS;

/// <summary>A volume: a directory that outlives containers, or a file system that is mounted for them.</summary>
public sealed record ContainerVolume
{
    public required string Name { get; init; }

    /// <summary><c>local</c>.</summary>
    public string Driver { get; init; } = "local";

    public required DateTimeOffset Created { get; init; }

    /// <summary>Where its data are on the host. The data of one with an option <c>type</c> of tmpfs or nfs are seen in containers only.</summary>
    public required string Mountpoint { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary><c>type</c>, <c>device</c> and <c>o</c>, as for Docker's local driver.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Made for a container that named none.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Names of the containers that use it.</summary>
    public IReadOnlyList<string> Containers { get; init => field = Indexable.List(value); } = [];

    /// <summary>Bytes on the disk; null unless it was measured.</summary>
    public long? Size { get; init; }

    /// <summary>Files and directories in it; null unless it was measured.</summary>
    public long? Files { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The state of a volume at a moment, kept to go back to.</summary>
public sealed record ContainerVolumeSnapshot
{
    /// <summary>Name of the volume.</summary>
    public required string Volume { get; init; }

    /// <summary>Name of the snapshot, unique within its volume.</summary>
    public required string Snapshot { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Where it is on the host.</summary>
    public required string Path { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Bytes of the files in it.</summary>
    public long Size { get; init; }

    /// <summary>Blocks are shared with the volume, so that the snapshot takes hardly any room until one of them changes.</summary>
    public bool Shared { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Volume}@{Snapshot}";
}

/// <summary>What <c>Clear-ContainerVolume</c> removed.</summary>
/// <param name="Name">The volume.</param>
/// <param name="Size">Bytes that it took on the disk.</param>
public sealed record ContainerVolumeRemoval(string Name, long Size)
{
    /// <inheritdoc/>
    public override string ToString() => "Deleted: " + Name;
}
