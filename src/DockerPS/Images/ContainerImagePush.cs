namespace DockerPS;

/// <summary>An image as it is in a registry after a push.</summary>
public sealed record ContainerImagePush
{
    /// <summary><c>repository:tag</c>, as it can be pulled.</summary>
    public required string Reference { get; init; }

    /// <summary>Familiar repository name.</summary>
    public required string Repository { get; init; }

    public required string Tag { get; init; }

    /// <summary>The registry that has it now.</summary>
    public required string Registry { get; init; }

    /// <summary>Digest of the manifest, or of the index with all platforms, as the registry has it: pulls the very same content.</summary>
    public required string Digest { get; init; }

    /// <summary>Media type of what has the digest.</summary>
    public required string MediaType { get; init; }

    /// <summary>The image's own id.</summary>
    public required string ImageId { get; init; }

    /// <summary>Bytes of all layers and configs in the registry.</summary>
    public required long Size { get; init; }

    /// <summary>Layers and configs that were sent.</summary>
    public required int Uploaded { get; init; }

    /// <summary>Those that the registry took from another repository of its own.</summary>
    public required int Mounted { get; init; }

    /// <summary>Those that it had.</summary>
    public required int Existing { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary><c>repository@digest</c>.</summary>
    public string Pinned => $"{Repository}@{Digest}";

    /// <inheritdoc/>
    public override string ToString() => Reference;
}
