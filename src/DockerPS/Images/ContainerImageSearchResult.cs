namespace DockerPS;

/// <summary>A repository that a registry found.</summary>
public sealed record ContainerImageSearchResult
{
    /// <summary>Name to pull it by.</summary>
    public required string Name { get; init; }

    /// <summary>Alias of <see cref="Name"/>, so that it binds to -Image and -Reference.</summary>
    public string Reference => Name;

    public required string Registry { get; init; }

    /// <summary>Empty where the registry knows none.</summary>
    public string Description { get; init; } = "";

    public int Stars { get; init; }

    /// <summary>One of Docker's own choice.</summary>
    public bool Official { get; init; }

    /// <summary>Its tags, when they were asked for.</summary>
    public IReadOnlyList<string> Tags { get; init => field = Indexable.List(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
