using DockerPS.Engine;
using Xunit;

namespace DockerPS.Units.Values;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("*", "data", true)]
    [InlineData("DA*", "data", true)]
    [InlineData("d?ta", "data", true)]
    [InlineData("d?ta", "daata", false)]
    [InlineData("[a-d]ata", "data", true)]
    [InlineData("[^d]ata", "data", true)]
    [InlineData("[xyz]ata", "data", false)]
    [InlineData("a.b*", "aXbc", false)]
    [InlineData("[", "[", true)]
    [InlineData("[z-a]", "z", false)]
    public void Names_match_as_in_PowerShell(string pattern, string name, bool matches) => Assert.Equal(matches, NamePattern.Matches(pattern, name));
}
