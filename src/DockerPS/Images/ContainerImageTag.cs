namespace DockerPS;

/// <summary>A tag of a repository in a registry.</summary>
public sealed record ContainerImageTag
{
    /// <summary>Familiar name without tag.</summary>
    public required string Repository { get; init; }

    public required string Tag { get; init; }

    public required string Registry { get; init; }

    /// <summary><c>repository:tag</c>.</summary>
    public string Reference => $"{Repository}:{Tag}";

    /// <summary>Alias of <see cref="Reference"/>, so that it binds to -Name and -Image.</summary>
    public string Name => Reference;

    /// <summary>Digest that the tag means now, when it was asked for; else empty.</summary>
    public string Digest { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Reference;
}
