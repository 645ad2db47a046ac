namespace DockerPS.Engine;

/// <summary>Which images are checked, and whether they are repaired.</summary>
public sealed record ImageCheckRequest
{
    /// <summary>As <see cref="ImageFilter.Names"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>What is damaged or missing is fetched from the registry that the image came from, or unpacked again.</summary>
    public bool Repair { get; init; }

    /// <summary>How the registry is spoken to.</summary>
    public RegistryAccess Access { get; init; } = RegistryAccess.Default;
}
