namespace DockerPS;

/// <summary>A login that a registry has accepted.</summary>
/// <param name="Registry">Host and port, or <c>docker.io</c>.</param>
/// <param name="UserName">The user.</param>
/// <param name="Store">Where it is kept: Docker's <c>config.json</c>, or the credential helper that this names.</param>
public sealed record ContainerRegistryLogin(string Registry, string UserName, string Store)
{
    /// <inheritdoc/>
    public override string ToString() => $"{UserName}@{Registry}";
}
