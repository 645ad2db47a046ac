namespace DockerPS;

/// <summary>In what two images differ.</summary>
public enum ContainerImageDifferenceType
{
    /// <summary>What containers of it run, and its platform.</summary>
    Config,

    /// <summary>A package of dpkg's or apk's database.</summary>
    Package,

    File,
}

/// <summary>Something in which an image differs from another.</summary>
public sealed record ContainerImageDifference
{
    public required ContainerImageDifferenceType Type { get; init; }

    public required ContainerChangeKind Kind { get; init; }

    /// <summary>A setting (<c>Environment.PATH</c>), a package, or a path.</summary>
    public required string Name { get; init; }

    /// <summary>Value, version, or <see cref="ContainerFile"/> in the image that is referred to; null when it is not there.</summary>
    public object? Before { get; init; }

    /// <summary>The same in the other image.</summary>
    public object? After { get; init; }

    /// <summary>Bytes that a file has more; 0 for other types.</summary>
    public long SizeChange => ((After as ContainerFile)?.Size ?? 0) - ((Before as ContainerFile)?.Size ?? 0);

    /// <summary>Of a file: whether more than its owner, mode or attributes differs.</summary>
    public bool ContentChanged { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}: {Before} -> {After}";
}
