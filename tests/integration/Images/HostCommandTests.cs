using DockerPS.Engine;
using DockerPS.Integration.Containers;
using Xunit;

namespace DockerPS.Integration.Images;

/// <summary>Programs run in images that were made of this machine's own.</summary>
public sealed class HostCommandTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    [Theory]
    [InlineData("sh")]
    [InlineData("/bin/sh")]
    [InlineData("/usr/bin/sh")]
    public async Task Programs_of_the_machine_run_in_an_image_made_of_them(string shell)
    {
        await fixture.Engine.CreateImageAsync(
            new ImageRecipe { Name = "host:programs", HostCommands = ["sh", "ls", "cat", "readlink"] }, null, CancellationToken.None);
        (int code, string output, string error) = await fixture.RunAsync(
            new ContainerSpec { Image = "host:programs", Command = [shell, "-c", "ls /; cat /etc/passwd; readlink -f /bin/sh /usr/bin/sh"] });
        Assert.Equal((0, ""), (code, error));
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in (string[])["bin", "dev", "etc", "proc", "root", "sys", "tmp", "usr", "var"]) Assert.Contains(name, lines);
        Assert.Contains("root:x:0:0:root:/root:/bin/sh", lines);
        // With /bin a link to usr/bin, both names lead to one program, as on the machine itself.
        if (Directory.ResolveLinkTarget("/bin", returnFinalTarget: true) is not null) Assert.Equal(lines[^1], lines[^2]);
    }
}
