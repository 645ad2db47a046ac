using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace DockerPS.Units;

/// <summary>The walls of the house: who may reference whom (see README, "How it works").</summary>
public class DependencyTests
{
    [Theory]
    [InlineData("DockerPS", "")]
    [InlineData("DockerPS.Oci", "")]
    [InlineData("DockerPS.Linux", "")]
    [InlineData("DockerPS.Engine", "DockerPS DockerPS.Oci")]
    public void Assembly_references_only_the_rooms_it_may_enter(string assembly, string allowed)
    {
        string path = Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader metadata = file.GetMetadataReader();
        string[] ours = [.. metadata.AssemblyReferences
            .Select(h => metadata.GetString(metadata.GetAssemblyReference(h).Name))
            .Where(n => n.StartsWith("DockerPS", StringComparison.Ordinal) || n.Contains("Automation", StringComparison.Ordinal))];
        Assert.Empty(ours.Except(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }
}
