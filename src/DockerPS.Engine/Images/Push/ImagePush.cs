namespace DockerPS.Engine;

/// <summary>What <see cref="ContainerEngine.PushImageAsync"/> sends, and where to.</summary>
public sealed record ImagePush
{
    /// <summary>A stored image.</summary>
    public required string Name { get; init; }

    /// <summary>Name in the registry when it is not the stored one.</summary>
    public string? Destination { get; init; }

    /// <summary>The index with all platforms, of an image that was pulled with all.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Of several stored platforms this one.</summary>
    public string? Platform { get; init; }

    /// <summary>So many layers at once.</summary>
    public int ThrottleLimit { get; init; } = 5;

    public RegistryAccess Access { get; init; } = RegistryAccess.Default;
}
