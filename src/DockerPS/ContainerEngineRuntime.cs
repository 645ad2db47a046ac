namespace DockerPS;

/// <summary>An OCI runtime that <c>-Runtime</c> can name.</summary>
/// <param name="Name">As it is named: <c>crun</c>.</param>
/// <param name="Path">Its executable.</param>
public sealed record ContainerEngineRuntime(string Name, string Path)
{
    public override string ToString() => $"{Name} ({Path})";
}
