namespace DockerPS;

/// <summary>What a check of a stored image found.</summary>
public sealed record ContainerImageCheck
{
    /// <summary>Name of the image, or its id when it has none.</summary>
    public required string Image { get; init; }

    /// <summary>Digest of the image's config.</summary>
    public required string Id { get; init; }

    /// <summary>Whether all is there and has its digest, after a repair when one was asked for.</summary>
    public bool IsValid => Problems.All(static problem => problem.Repaired);

    /// <summary>Bytes that were read and hashed.</summary>
    public required long Checked { get; init; }

    /// <summary>What is wrong or was repaired.</summary>
    public required IReadOnlyList<ContainerImageProblem> Problems { get; init => field = Indexable.List(value); }

    /// <inheritdoc/>
    public override string ToString() => $"{Image}: {(IsValid ? "valid" : "damaged")}";
}

/// <summary>A part of an image that is missing or not what its digest says.</summary>
public sealed record ContainerImageProblem
{
    /// <summary><c>Index</c>, <c>Manifest</c>, <c>Config</c>, <c>Layer</c> (the archive as it came) or <c>Files</c> (what was unpacked of it).</summary>
    public required string Part { get; init; }

    /// <summary>The digest that it should have.</summary>
    public required string Digest { get; init; }

    /// <summary>What is wrong.</summary>
    public required string Reason { get; init; }

    public bool Repaired { get; init; }

    /// <summary>Why it could not be repaired; empty when it was, or nobody asked.</summary>
    public string RepairError { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Part} {Digest}: {Reason}{(Repaired ? " (repaired)" : "")}";
}
