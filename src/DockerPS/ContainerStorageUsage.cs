namespace DockerPS;

/// <summary>What takes space in the store.</summary>
public enum ContainerStorageType
{
    Images,
    Containers,
    Volumes,

    /// <summary>What interrupted pulls and killed sessions left.</summary>
    Remains,
}

/// <summary>How much space one kind of things takes (<c>docker system df</c>).</summary>
public sealed record ContainerStorageUsage
{
    public required ContainerStorageType Type { get; init; }

    /// <summary>How many there are.</summary>
    public int Total => Items.Count;

    /// <summary>How many are in use: images that containers or mounts use, containers that run, volumes of containers.</summary>
    public int Active => Items.Count(static item => item.InUse);

    /// <summary>Bytes on the disk, what is shared counted once.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes that would be free if all that is not in use were removed.</summary>
    public required long Reclaimable { get; init; }

    /// <summary>The same of a hundred.</summary>
    public int ReclaimablePercent => Size == 0 ? 0 : (int)(100 * Reclaimable / Size);

    /// <summary>One for each thing.</summary>
    public required IReadOnlyList<ContainerStorageItem> Items { get; init => field = Indexable.List(value); }
}

/// <summary>How much space one thing takes.</summary>
public sealed record ContainerStorageItem
{
    public required string Name { get; init; }

    public string Id { get; init; } = "";

    public DateTimeOffset? Created { get; init; }

    /// <summary>Bytes on the disk: of an image its files and its archives.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of these that others have as well.</summary>
    public long SharedSize { get; init; }

    /// <summary>Bytes that would be free without it.</summary>
    public long UniqueSize => Size - SharedSize;

    public bool InUse { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {new ByteSize(Size)}";
}
