namespace DockerPS;

/// <summary>An image under one of its names; an image with three tags is three of these, one without is one with <c>&lt;none&gt;</c>.</summary>
public sealed record ContainerImage
{
    /// <summary>Digest of the image's config: <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The first 12 digits of <see cref="Id"/>.</summary>
    public string ShortId => Id.Length >= 19 && Id.StartsWith("sha256:", StringComparison.Ordinal) ? Id.Substring(7, 12) : Id;

    /// <summary>Familiar repository name (<c>mysql</c>, <c>localhost:5000/a/b</c>) or <c>&lt;none&gt;</c>.</summary>
    public required string Repository { get; init; }

    /// <summary>Tag or <c>&lt;none&gt;</c>.</summary>
    public required string Tag { get; init; }

    /// <summary><c>repository:tag</c>, or the id when it has no name.</summary>
    public string Reference => Repository == "<none>" ? Id : Tag == "<none>" ? $"{Repository}@{Digest}" : $"{Repository}:{Tag}";

    /// <summary>Alias of <see cref="Reference"/>, so that an image binds to -Image and -Name.</summary>
    public string Name => Reference;

    /// <summary>Digest of the manifest.</summary>
    public required string Digest { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Bytes of all layers, unpacked.</summary>
    public required long Size { get; init; }

    /// <summary><c>linux/amd64</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>Bytes of layers that other stored images have as well, unpacked; null when that was not looked at.</summary>
    public long? SharedSize { get; init; }

    /// <summary>Bytes of layers that only this image has, unpacked; null when that was not looked at.</summary>
    public long? UniqueSize => Size - SharedSize;

    /// <summary>Bytes of the layers' archives as they are stored; null when that was not looked at.</summary>
    public long? CompressedSize => Layers.Any(static layer => layer.CompressedSize is null) ? null : Layers.Sum(static layer => layer.CompressedSize);

    /// <summary>Lowest layer first.</summary>
    public required IReadOnlyList<ContainerImageLayer> Layers { get; init => field = Indexable.List(value); }

    public required ContainerImageConfiguration Config { get; init; }

    /// <summary>Directories of the machine where its files are mounted.</summary>
    public IReadOnlyList<string> Mounts { get; init => field = Indexable.List(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Reference;
}

/// <summary>What an image asks of its containers (OCI image-spec, config.config).</summary>
public sealed record ContainerImageConfiguration
{
    public IReadOnlyList<string> Entrypoint { get; init => field = Indexable.List(value); } = [];

    public IReadOnlyList<string> Command { get; init => field = Indexable.List(value); } = [];

    public IReadOnlyList<string> Environment { get; init => field = Indexable.List(value); } = [];

    public string User { get; init; } = "";

    public string WorkingDirectory { get; init; } = "";

    /// <summary><c>80/tcp</c>.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init => field = Indexable.List(value); } = [];

    public IReadOnlyList<string> Volumes { get; init => field = Indexable.List(value); } = [];

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public string StopSignal { get; init; } = "";
}

/// <summary>One step of an image's history.</summary>
public sealed record ContainerImageHistory
{
    /// <summary>The image's name that was asked for.</summary>
    public required string Image { get; init; }

    /// <summary>Diff id of the layer that the step made, or null for an empty one.</summary>
    public string? Layer { get; init; }

    public DateTimeOffset? Created { get; init; }

    public string CreatedBy { get; init; } = "";

    /// <summary>Bytes, unpacked.</summary>
    public long Size { get; init; }

    public string Comment { get; init; } = "";
}

/// <summary>What <c>Remove-ContainerImage</c> did.</summary>
public sealed record ContainerImageRemoval(string Reference, bool Deleted)
{
    /// <summary>Bytes of the disk that became free, as far as it was counted.</summary>
    public long Size { get; init; }

    /// <inheritdoc/>
    public override string ToString() => (Deleted ? "Deleted: " : "Untagged: ") + Reference;
}
