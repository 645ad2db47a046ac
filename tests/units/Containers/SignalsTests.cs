using DockerPS.Engine.Containers;
using Xunit;

namespace DockerPS.Units.Containers;

public class SignalsTests
{
    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("SIGTERM", 15)]
    [InlineData("sigkill", 9)]
    [InlineData("HUP", 1)]
    [InlineData("SYS", 31)]
    [InlineData("WINCH", 28)]
    [InlineData("9", 9)]
    [InlineData("64", 64)]
    [InlineData("RTMIN", 34)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX-1", 63)]
    [InlineData("RTMIN+30", 64)]
    [InlineData("CLD", 17)]
    public void Signal_is_known_by_name_and_number(string text, int number) => Assert.Equal(number, Signals.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-1")]
    [InlineData("SIG")]
    [InlineData("NOSUCH")]
    [InlineData("RTMIN+31")]
    [InlineData("RTMIN+x")]
    [InlineData("RTMAX-40")]
    public void What_is_no_signal_is_refused(string text) =>
        Assert.Equal("InvalidSignal", Assert.Throws<DockerArgumentException>(() => Signals.Parse(text)).ErrorId);
}
