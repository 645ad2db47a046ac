using DockerPS.Engine.Volumes;
using Xunit;

namespace DockerPS.Units.Volumes;

public sealed class LocalDriverTests
{
    private static LocalDriver Parse(params string[] options) =>
        LocalDriver.Parse(options.Select(o => o.Split('=', 2)).ToDictionary(p => p[0], p => p[1]));

    [Fact]
    public void Without_options_it_is_a_directory_of_the_store() => Assert.True(Parse().IsPlain);

    [Theory]
    [InlineData("type=none", "o=bind", "device=/srv")]
    [InlineData("type=bind", "o=ro", "device=/srv")]
    [InlineData("o=rbind", "device=/srv", "type=")]
    public void A_bind_is_a_directory_of_the_host(params string[] options) => Assert.Equal("/srv", Parse(options).Bind);

    [Fact]
    public void A_file_system_keeps_its_options()
    {
        LocalDriver nfs = Parse("type=nfs", "device=:/export", "o=addr=127.0.0.1,rw");
        Assert.Equal(("nfs", ":/export", "addr=127.0.0.1,rw"), (nfs.Type, nfs.Device, string.Join(',', nfs.Resolved())));
        Assert.Equal("tmpfs", Parse("type=tmpfs").Device);
    }

    [Theory]
    [InlineData("size=1")]
    [InlineData("type=nfs")]
    [InlineData("device=/dev/sdb")]
    [InlineData("type=bind", "device=relative")]
    [InlineData("o=bind")]
    public void What_makes_no_sense_is_refused(params string[] options) =>
        Assert.Equal("InvalidVolumeOption", Assert.Throws<DockerArgumentException>(() => Parse(options)).ErrorId);

    [Theory]
    [InlineData("a", true)]
    [InlineData("data_1.x-2", true)]
    [InlineData("", false)]
    [InlineData(".hidden", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("..", false)]
    public void Names_are_those_that_docker_takes(string name, bool good)
    {
        if (good) VolumeNames.Check(name);
        else Assert.Equal("InvalidVolumeName", Assert.Throws<DockerArgumentException>(() => VolumeNames.Check(name)).ErrorId);
    }
}
