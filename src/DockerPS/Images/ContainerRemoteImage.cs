namespace DockerPS;

/// <summary>An image in a registry, told without pulling it.</summary>
public sealed record ContainerRemoteImage
{
    /// <summary>As it was asked for, in full.</summary>
    public required string Reference { get; init; }

    /// <summary>Alias of <see cref="Reference"/>, so that it binds to -Name and -Image.</summary>
    public string Name => Reference;

    public required string Repository { get; init; }

    /// <summary>Tag, or empty when it was asked for by digest.</summary>
    public required string Tag { get; init; }

    public required string Registry { get; init; }

    /// <summary>Digest that the name means: of the manifest, or of the index with all platforms.</summary>
    public required string Digest { get; init; }

    /// <summary>Media type of what has the digest.</summary>
    public required string MediaType { get; init; }

    /// <summary>Digest of this platform's config: the image's id once it is pulled.</summary>
    public required string Id { get; init; }

    /// <summary>The platform that is told of.</summary>
    public required string Platform { get; init; }

    /// <summary>All platforms that the name has.</summary>
    public required IReadOnlyList<ContainerRemotePlatform> Platforms { get; init => field = Indexable.List(value); }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Bytes that a pull of the platform fetches when nothing of it is stored.</summary>
    public required long Size { get; init; }

    /// <summary>Lowest first.</summary>
    public required IReadOnlyList<ContainerRemoteBlob> Layers { get; init => field = Indexable.List(value); }

    public required ContainerImageConfiguration Config { get; init; }

    /// <summary>Signatures, attestations and others that refer to the digest, when they were asked for.</summary>
    public IReadOnlyList<ContainerImageReferrer> Referrers { get; init => field = Indexable.List(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Reference;
}

/// <summary>A platform of an image in a registry.</summary>
/// <param name="Platform"><c>linux/amd64</c>.</param>
/// <param name="Digest">Of its manifest.</param>
/// <param name="Size">Bytes of its manifest.</param>
public sealed record ContainerRemotePlatform(string Platform, string Digest, long Size)
{
    /// <inheritdoc/>
    public override string ToString() => Platform;
}

/// <summary>A layer in a registry, as it is fetched.</summary>
/// <param name="Digest">Of its archive.</param>
/// <param name="Size">Bytes, compressed.</param>
/// <param name="MediaType">Tells how it is compressed.</param>
public sealed record ContainerRemoteBlob(string Digest, long Size, string MediaType)
{
    /// <inheritdoc/>
    public override string ToString() => Digest;
}

/// <summary>Something in a registry that refers to an image: a signature, an attestation, a list of its parts.</summary>
/// <param name="ArtifactType">What it is.</param>
/// <param name="Digest">Of its manifest.</param>
/// <param name="Size">Bytes of its manifest.</param>
/// <param name="Annotations">What its maker says of it.</param>
public sealed record ContainerImageReferrer(string ArtifactType, string Digest, long Size, IReadOnlyDictionary<string, string> Annotations)
{
    /// <inheritdoc/>
    public override string ToString() => $"{ArtifactType} {Digest}";
}
