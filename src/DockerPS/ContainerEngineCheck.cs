namespace DockerPS;

/// <summary>What one check of <c>Test-ContainerEngine</c> found by running containers.</summary>
/// <param name="Name">Stable name in Pascal case (<c>PidNamespace</c>).</param>
/// <param name="Passed">The container was isolated as it should be.</param>
/// <param name="Detail">What was seen, and what to do when it did not pass.</param>
/// <param name="Duration">How long the check took.</param>
public sealed record ContainerEngineCheck(string Name, bool Passed, string Detail, TimeSpan Duration);
