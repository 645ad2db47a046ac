namespace DockerPS.Engine;

/// <summary>Where a container's image may come from.</summary>
public sealed record ContainerImageSource
{
    /// <summary>The store alone.</summary>
    public static ContainerImageSource Store { get; } = new() { Policy = ContainerImagePullPolicy.Never };

    public ContainerImagePullPolicy Policy { get; init; }

    /// <summary>As <see cref="ImagePull.Platform"/>; a stored image for another one is not taken.</summary>
    public string? Platform { get; init; }

    /// <summary>How the registry is spoken to.</summary>
    public RegistryAccess Access { get; init; } = RegistryAccess.Default;
}
