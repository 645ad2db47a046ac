namespace DockerPS.Engine;

/// <summary>What <see cref="ContainerEngine.GetRemoteImageAsync"/> asks a registry.</summary>
public sealed record RemoteImageQuery
{
    public required string Reference { get; init; }

    /// <summary>Of several platforms this one; null means what this machine runs.</summary>
    public string? Platform { get; init; }

    /// <summary>Also what refers to it.</summary>
    public bool Referrers { get; init; }

    public RegistryAccess Access { get; init; } = RegistryAccess.Default;
}

/// <summary>What <see cref="ContainerEngine.FindImagesAsync"/> looks for.</summary>
public sealed record ImageSearch
{
    /// <summary>A word; or, in a registry's catalogue, a pattern with <c>*</c> and <c>?</c> or nothing for all.</summary>
    public string Term { get; init; } = "";

    /// <summary>Host and port, or <c>docker.io</c>.</summary>
    public string Registry { get; init; } = "docker.io";

    public int Limit { get; init; } = 25;

    /// <summary>The tags of each as well: a request for each repository.</summary>
    public bool Tags { get; init; }

    public RegistryAccess Access { get; init; } = RegistryAccess.Default;
}

/// <summary>What <see cref="ContainerEngine.GetRemoteTagsAsync"/> lists.</summary>
public sealed record TagQuery
{
    /// <summary>A repository; a tag is ignored.</summary>
    public required string Repository { get; init; }

    /// <summary>Only tags that match it.</summary>
    public string? Pattern { get; init; }

    /// <summary>What each tag means now: a request for each.</summary>
    public bool Digests { get; init; }

    public RegistryAccess Access { get; init; } = RegistryAccess.Default;
}
