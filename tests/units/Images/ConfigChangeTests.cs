using DockerPS.Engine.Images;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Units.Images;

public class ConfigChangeTests
{
    [Theory]
    [InlineData("CMD [\"sh\", \"-l\"]", "sh|-l")]
    [InlineData("cmd echo $HOME", "/bin/sh|-c|echo $HOME")]
    [InlineData("CMD [not json]", "/bin/sh|-c|[not json]")]
    [InlineData("CMD []", "")]
    public void Cmd_has_an_exec_and_a_shell_form(string change, string expected) =>
        Assert.Equal(expected, string.Join('|', Apply(change).Cmd!));

    [Theory]
    [InlineData("ENV A=b", "A=b")]
    [InlineData("ENV A=b C=\"d e\" F=g\\ h", "A=b|C=d e|F=g h")]
    [InlineData("ENV A b c", "A=b c")]
    [InlineData("ENV A='$X'", "A=$X")]
    public void Env_takes_pairs_and_the_old_form(string change, string expected) =>
        Assert.Equal(expected, string.Join('|', Apply(change).Env!));

    [Fact]
    public void Env_replaces_and_expands_what_is_set_before() =>
        Assert.Equal(["PATH=/x:/bin", "Y=/x:/bin!"], Apply("ENV PATH=/bin", "ENV PATH=/x:$PATH", "ENV Y=${PATH}!").Env);

    [Fact]
    public void Ports_volumes_labels_and_the_rest_are_written_as_the_specification_says()
    {
        ImageExecution config = Apply(
            "EXPOSE 80 53/udp 7000-7002", "VOLUME [\"/data\"]", "VOLUME /a /b", "LABEL a=1 \"b c\"=2", "USER app:staff", "WORKDIR /srv",
            "WORKDIR www", "STOPSIGNAL SIGQUIT", "ONBUILD RUN make", "ENTRYPOINT [\"/init\"]");
        Assert.Equal(["53/udp", "7000/tcp", "7001/tcp", "7002/tcp", "80/tcp"], config.ExposedPorts!.Keys);
        Assert.Equal(["/a", "/b", "/data"], config.Volumes!.Keys);
        Assert.Equal("2", config.Labels!["b c"]);
        Assert.Equal("app:staff", config.User);
        Assert.Equal("/srv/www", config.WorkingDir);
        Assert.Equal("SIGQUIT", config.StopSignal);
        Assert.Equal(["RUN make"], config.OnBuild);
        Assert.Equal(["/init"], config.Entrypoint);
    }

    [Theory]
    [InlineData("RUN make")]
    [InlineData("CMD")]
    [InlineData("")]
    [InlineData("ENV A")]
    [InlineData("ENV A=\"b")]
    [InlineData("USER a b")]
    public void Other_instructions_and_mistakes_are_refused(string change) =>
        Assert.Equal("InvalidChange", Assert.Throws<DockerArgumentException>(() => Apply(change)).ErrorId);

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("80/http")]
    [InlineData("90-80")]
    [InlineData("eighty")]
    public void Ports_are_checked(string port) =>
        Assert.Equal("InvalidImageConfig", Assert.Throws<DockerArgumentException>(() => Apply("EXPOSE " + port)).ErrorId);

    private static ImageExecution Apply(params string[] changes)
    {
        var config = new ImageExecution();
        foreach (string change in changes) ConfigChange.Apply(config, change);
        return config;
    }
}
