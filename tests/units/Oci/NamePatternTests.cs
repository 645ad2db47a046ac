using DockerPS.Oci.References;
using Xunit;

namespace DockerPS.Units.Oci;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("*", "data", true)]
    [InlineData("", "", true)]
    [InlineData("DA*", "data", true)]
    [InlineData("*.log", "a.log", true)]
    [InlineData("*.log", "a.log.1", false)]
    [InlineData("a*b*c", "aXbYbc", true)]
    [InlineData("**a", "bbba", true)]
    [InlineData("d?ta", "data", true)]
    [InlineData("d?ta", "daata", false)]
    [InlineData("?", "é", true)]
    [InlineData("??", "é", false)]
    [InlineData("?", "😀", true)]
    [InlineData("??", "😀", false)]
    [InlineData("[abc]x", "bx", true)]
    [InlineData("[a-d]ata", "data", true)]
    [InlineData("[A-D]ata", "data", true)]
    [InlineData("[^d]ata", "data", true)]
    [InlineData("[xyz]ata", "data", false)]
    [InlineData("file[0-9]", "file7", true)]
    [InlineData("file[0-9]", "filex", false)]
    [InlineData("a.b*", "aXbc", false)]
    [InlineData("[", "[", true)]
    [InlineData("[z-a]", "z", false)]
    [InlineData("`[a]*", "[a]b", true)]
    [InlineData("`*", "a", false)]
    [InlineData("`*", "*", true)]
    [InlineData("a`", "a`", true)]
    public void Names_match_as_in_PowerShell(string pattern, string name, bool matches) => Assert.Equal(matches, NamePattern.Matches(pattern, name));

    [Theory]
    [InlineData("DA*", "data", false)]
    [InlineData("[A-D]ata", "data", false)]
    [InlineData("da*", "data", true)]
    public void Paths_match_with_their_case(string pattern, string name, bool matches) =>
        Assert.Equal(matches, NamePattern.Matches(pattern, name, ignoreCase: false));

    [Fact]
    public void A_hostile_pattern_takes_no_time()
    {
        string pattern = string.Concat(Enumerable.Repeat("*a", 2000)) + "b", name = new('a', 20_000);
        long start = Environment.TickCount64;
        Assert.False(NamePattern.Matches(pattern, name));
        Assert.InRange(Environment.TickCount64 - start, 0, 5000);
    }
}
