using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Volumes;

/// <summary>What a mount of a container is of, at a start.</summary>
/// <param name="Path">Source in config.json.</param>
/// <param name="Options">Further options of the mount.</param>
/// <param name="Supervised">What the supervisor has to do for it; null when the path says all.</param>
internal sealed record MountSource(string Path, IReadOnlyList<string> Options, SuperviseSource? Supervised);
