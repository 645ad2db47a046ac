namespace DockerPS;

/// <summary>Something that containers can use when the machine has it.</summary>
/// <param name="Name">Stable name in Pascal case (<c>Seccomp</c>, <c>IdMappedMounts</c>).</param>
/// <param name="Available">The machine has it.</param>
/// <param name="Detail">What was found: a version, a list, or what it would be for.</param>
/// <param name="Remedy">What brings it where it is missing; null when it is there or nothing can bring it.</param>
public sealed record ContainerEngineFeature(string Name, bool Available, string Detail, string? Remedy = null)
{
    /// <inheritdoc/>
    public override string ToString() => Available ? $"{Name}: {Detail}" : $"{Name}: missing. {Detail} {Remedy}".TrimEnd();
}
