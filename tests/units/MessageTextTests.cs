using Xunit;

namespace DockerPS.Units;

/// <summary>What is quoted in messages cannot steer a terminal.</summary>
public class MessageTextTests
{
    [Theory]
    [InlineData("plain – ümlaut\nsecond\tline", "plain – ümlaut\nsecond\tline")]
    [InlineData("\u001b[2Jgone\u0007\u009b31m", " [2Jgone  31m")]
    [InlineData("safe\u202egpj.exe", "safe gpj.exe")]
    [InlineData("over\rwritten", "over written")]
    public void What_steers_becomes_a_blank(string text, string expected) =>
        Assert.Equal(expected, new DockerNotFoundException("X", text).Message);

    [Fact]
    public void A_novel_is_cut() => Assert.InRange(new DockerIntegrityException("X", new string('a', 1 << 20)).Message.Length, 1000, 5000);
}
