using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Steps;

/// <summary>The directories of an overlay.</summary>
/// <param name="Lower">Topmost first.</param>
/// <param name="Upper">What is written to; null is read-only.</param>
/// <param name="Work">Beside it.</param>
/// <param name="Volatile">Without syncs.</param>
internal sealed record OverlayParts(IReadOnlyList<string> Lower, string? Upper, string? Work, bool Volatile)
{
    public static OverlayParts Of(SuperviseConfig surroundings) =>
        new(surroundings.LowerDirectories, surroundings.UpperDirectory, surroundings.WorkDirectory, surroundings.Volatile);
}
