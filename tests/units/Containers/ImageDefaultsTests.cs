using DockerPS.Engine.Containers;
using Xunit;

namespace DockerPS.Units.Containers;

public class ImageDefaultsTests
{
    [Fact]
    public void The_images_entrypoint_and_command_are_taken_when_none_is_given()
    {
        ContainerSpec merged = Merge(new ContainerSpec { Image = "app" });
        Assert.Equal(["/entry"], merged.Entrypoint);
        Assert.Equal(["serve"], merged.Command);
    }

    [Fact]
    public void A_command_replaces_the_images_command_only()
    {
        ContainerSpec merged = Merge(new ContainerSpec { Image = "app", Command = ["sh", "-c", "x"] });
        Assert.Equal(["/entry"], merged.Entrypoint);
        Assert.Equal(["sh", "-c", "x"], merged.Command);
    }

    [Fact]
    public void An_entrypoint_makes_the_images_command_void()
    {
        ContainerSpec merged = Merge(new ContainerSpec { Image = "app", Entrypoint = ["sh"] });
        Assert.Equal(["sh"], merged.Entrypoint);
        Assert.Empty(merged.Command!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_empty_entrypoint_clears_the_images(bool oneEmptyText)
    {
        ContainerSpec merged = Merge(new ContainerSpec { Image = "app", Entrypoint = oneEmptyText ? [""] : [], Command = ["ls"] });
        Assert.Empty(merged.Entrypoint!);
        Assert.Equal(["ls"], merged.Command);
    }

    [Fact]
    public void Nothing_to_execute_is_refused()
    {
        var spec = new ContainerSpec { Image = "app", Entrypoint = [] };
        Assert.Equal("NoCommand", Assert.Throws<DockerArgumentException>(() => Merge(spec)).ErrorId);
    }

    [Fact]
    public void Environment_and_labels_are_joined_and_the_specifications_win()
    {
        ContainerSpec merged = Merge(new ContainerSpec
        {
            Image = "app",
            Environment = ["B=own", "C=3", "C=4"],
            Labels = new Dictionary<string, string> { ["two"] = "own" },
        });
        Assert.Equal([ImageDefaults.Path, "A=1", "B=own", "C=4"], merged.Environment);
        Assert.Equal("own", merged.Labels["two"]);
        Assert.Equal("1", merged.Labels["one"]);
    }

    [Fact]
    public void A_variable_without_a_value_is_unset() =>
        Assert.DoesNotContain(Merge(new ContainerSpec { Image = "app", Environment = ["A"] }).Environment, e => e.StartsWith('A'));

    [Fact]
    public void User_directory_and_stop_signal_come_from_the_image_unless_given()
    {
        ContainerSpec merged = Merge(new ContainerSpec { Image = "app" });
        Assert.Equal(("app", "/srv", "SIGINT"), (merged.User, merged.WorkingDirectory, merged.StopSignal));
        merged = Merge(new ContainerSpec { Image = "app", User = "0", WorkingDirectory = "/", StopSignal = "9" });
        Assert.Equal(("0", "/", "9"), (merged.User, merged.WorkingDirectory, merged.StopSignal));
    }

    [Fact]
    public void What_an_image_exposes_and_nobody_can_publish_does_not_keep_it_from_running()
    {
        ContainerSpec merged = Merge(new ContainerSpec { Image = "app", ExposedPorts = ["53/udp"], PublishAllPorts = true });
        Assert.Equal(["80/tcp", "53/udp"], merged.ExposedPorts);
        Assert.Equal([80, 53], merged.Ports.Select(p => p.Port));
    }

    private static ContainerSpec Merge(ContainerSpec spec) => ImageDefaults.Merge(spec, new ContainerImage
    {
        Id = "sha256:" + new string('a', 64),
        Repository = "app",
        Tag = "latest",
        Digest = "",
        Created = default,
        Size = 0,
        Platform = "linux/amd64",
        Layers = [],
        Config = new ContainerImageConfiguration
        {
            Entrypoint = ["/entry"],
            Command = ["serve"],
            Environment = ["A=1", "B=2"],
            Labels = new Dictionary<string, string> { ["one"] = "1", ["two"] = "2" },
            User = "app",
            WorkingDirectory = "/srv",
            StopSignal = "SIGINT",
            ExposedPorts = ["80/tcp", "81/sctp", "x"],
        },
    });
}
