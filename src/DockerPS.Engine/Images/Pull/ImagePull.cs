namespace DockerPS.Engine;

/// <summary>What <see cref="ContainerEngine.PullImagesAsync"/> brings from a registry.</summary>
public sealed record ImagePull
{
    /// <summary>Name with tag or digest; without either its tag <c>latest</c>.</summary>
    public required string Reference { get; init; }

    /// <summary><c>linux/arm64</c>, <c>linux/arm/v7</c> or <c>arm64</c>; null means what this machine runs.</summary>
    public string? Platform { get; init; }

    /// <summary>Of an image for several platforms, all of them; the name leads to the one that this machine runs.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Layers that are fetched and unpacked at once; null chooses by the machine.</summary>
    public int? ThrottleLimit { get; init; }

    /// <summary>How the registry is spoken to.</summary>
    public RegistryAccess Access { get; init; } = RegistryAccess.Default;
}
