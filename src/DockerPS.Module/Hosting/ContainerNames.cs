using System.Management.Automation;

namespace DockerPS.Module.Hosting;

/// <summary>Tells patterns from literal names.</summary>
internal static class ContainerNames
{
    /// <summary>A literal name must exist; a pattern may match nothing.</summary>
    public static bool IsPattern(string name) => WildcardPattern.ContainsWildcardCharacters(name);
}
