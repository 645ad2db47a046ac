using DockerPS.Shell;
using Xunit;

namespace DockerPS.Units.Shell;

public class OptionsTests
{
    [Fact]
    public void A_path_comes_first_and_the_rest_belongs_to_the_script()
    {
        Options options = Options.Parse(["build.ps1", "-Task", "Test", "-Command"]);
        Assert.Equal("build.ps1", options.File);
        Assert.Equal(["-Task", "Test", "-Command"], options.Arguments);
        Assert.Null(options.Command);
    }

    [Fact]
    public void A_command_takes_the_rest_of_the_line()
    {
        Assert.Equal("Get-Container -All", Options.Parse(["-NoProfile", "-Command", "Get-Container", "-All"]).Command);
    }

    [Theory]
    [InlineData("-File")]
    [InlineData("-c")]
    [InlineData("-Frobnicate")]
    public void Half_given_and_unknown_options_are_errors(string option) => Assert.NotNull(Options.Parse([option]).Error);

    [Fact]
    public void Nothing_means_a_prompt()
    {
        Options options = Options.Parse([]);
        Assert.Null(options.File);
        Assert.Null(options.Command);
        Assert.Null(options.Error);
    }
}
