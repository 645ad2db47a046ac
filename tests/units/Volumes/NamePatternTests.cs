using System.Text;
using DockerPS.Runtime.Trees;
using Xunit;

namespace DockerPS.Units.Volumes;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("*.log", "a.log", true)]
    [InlineData("*.log", "a.log.1", false)]
    [InlineData("a*b*c", "aXbYbc", true)]
    [InlineData("?", "é", true)]
    [InlineData("??", "é", false)]
    [InlineData("file[0-9]", "file7", true)]
    [InlineData("file[0-9]", "filex", false)]
    [InlineData("[abc]x", "bx", true)]
    [InlineData("[", "[", true)]
    [InlineData("", "", true)]
    [InlineData("**a", "bbba", true)]
    public void Names_match_as_in_a_shell(string pattern, string name, bool matches) =>
        Assert.Equal(matches, NamePattern.Matches(Encoding.UTF8.GetBytes(pattern), Encoding.UTF8.GetBytes(name)));
}
