namespace DockerPS;

/// <summary>An image whose files are mounted, read-only, on the machine.</summary>
public sealed record ContainerImageMount
{
    /// <summary>Name of the image when it was mounted, or its id.</summary>
    public required string Image { get; init; }

    public required string ImageId { get; init; }

    /// <summary>Directory that shows the files.</summary>
    public required string Path { get; init; }

    public required DateTimeOffset Mounted { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
