using Xunit;

namespace DockerPS.Units.Values;

public class OptionValueTests
{
    [Theory]
    [InlineData("/dev/fuse", "/dev/fuse", "/dev/fuse", "rwm")]
    [InlineData("/dev/fuse:r", "/dev/fuse", "/dev/fuse", "r")]
    [InlineData("/dev/sda:/dev/xvda", "/dev/sda", "/dev/xvda", "rwm")]
    [InlineData("/dev/sda:/dev/xvda:rw", "/dev/sda", "/dev/xvda", "rw")]
    public void Device_of_a_text(string text, string source, string target, string permissions)
    {
        ContainerDevice device = ContainerDevice.Parse(text);
        Assert.Equal((source, target, permissions), (device.Source, device.Target, device.Permissions));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fuse")]
    [InlineData("/dev/a:b")]
    [InlineData("/dev/a:/dev/b:rx")]
    [InlineData("/dev/a:/dev/b:rr")]
    [InlineData("/dev/a:/dev/b:rw:m")]
    public void What_is_no_device_is_told(string text) => Assert.Throws<FormatException>(() => ContainerDevice.Parse(text));

    [Theory]
    [InlineData("nofile=1024", "nofile", 1024, 1024)]
    [InlineData("NOFILE=1024:4096", "nofile", 1024, 4096)]
    [InlineData("core=-1", "core", -1, -1)]
    [InlineData("core=0:unlimited", "core", 0, -1)]
    public void Limit_of_a_text(string text, string name, long soft, long hard)
    {
        ContainerUlimit limit = ContainerUlimit.Parse(text);
        Assert.Equal((name, soft, hard), (limit.Name, limit.Soft, limit.Hard));
        Assert.Equal(limit, ContainerUlimit.Parse(limit.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nofile")]
    [InlineData("nofile=")]
    [InlineData("nofile=many")]
    [InlineData("nofile=-2")]
    [InlineData("nofile=2:1")]
    [InlineData("nofile=-1:1")]
    [InlineData("nofile=1:2:3")]
    [InlineData("patience=1")]
    public void What_is_no_limit_is_told(string text) => Assert.Throws<FormatException>(() => ContainerUlimit.Parse(text));

    [Theory]
    [InlineData("5", 5000)]
    [InlineData("1.5", 1500)]
    [InlineData("1m30s", 90000)]
    [InlineData("2h", 7200000)]
    [InlineData("250ms", 250)]
    [InlineData("00:01:30", 90000)]
    [InlineData("0", 0)]
    public void Duration_of_a_text(string text, double milliseconds) =>
        Assert.Equal(milliseconds, Duration.Parse(text).TotalMilliseconds, 3);

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("5 parsecs")]
    [InlineData("1m30")]
    [InlineData("1e300")]
    public void What_is_no_duration_is_told(string text) => Assert.Throws<FormatException>(() => Duration.Parse(text));

    [Theory]
    [InlineData("512m", 512L << 20)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("64KB", 64L << 10)]
    [InlineData("100", 100)]
    [InlineData("-1", -1)]
    public void Size_of_a_text(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text).Bytes);

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("1q")]
    [InlineData("-5m")]
    [InlineData("99999999999p")]
    public void What_is_no_size_is_told(string text) => Assert.Throws<FormatException>(() => ByteSize.Parse(text));
}
