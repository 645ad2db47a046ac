using DockerPS.Engine.Containers;
using Xunit;

namespace DockerPS.Units.Networks;

/// <summary>Published ports as text.</summary>
public sealed class ContainerPortTests
{
    [Theory]
    [InlineData("8080:80", "0.0.0.0:8080->80/tcp")]
    [InlineData("80", "0.0.0.0:0->80/tcp")]
    [InlineData("0:80", "0.0.0.0:0->80/tcp")]
    [InlineData("53:53/UDP", "0.0.0.0:53->53/udp")]
    [InlineData("127.0.0.1:8080:80", "127.0.0.1:8080->80/tcp")]
    [InlineData("127.0.0.1::80", "127.0.0.1:0->80/tcp")]
    [InlineData("[::1]:8080:80", "[::1]:8080->80/tcp")]
    [InlineData("8000-8002:80-82", "0.0.0.0:8000->80/tcp 0.0.0.0:8001->81/tcp 0.0.0.0:8002->82/tcp")]
    [InlineData("8000-8010:80", "0.0.0.0:8000-8010->80/tcp")]
    [InlineData("127.0.0.1:8000-8001:80/udp", "127.0.0.1:8000-8001->80/udp")]
    [InlineData("80-81", "0.0.0.0:0->80/tcp 0.0.0.0:0->81/tcp")]
    public void A_text_is_ports(string text, string ports) => Assert.Equal(ports, string.Join(' ', ContainerPort.Parse(text)));

    [Theory]
    [InlineData("")]
    [InlineData("web")]
    [InlineData("8080:")]
    [InlineData("8080:0")]
    [InlineData("70000:80")]
    [InlineData("8000-8001:80-82")]
    [InlineData("8000-8002:80-81")]
    [InlineData("82-80")]
    [InlineData("80/sctp")]
    [InlineData("80/1")]
    [InlineData("here:8080:80")]
    [InlineData("-1:80")]
    public void What_is_none_says_how_to_write_it(string text) => Assert.Contains("HOSTPORT:PORT", Assert.Throws<FormatException>(() => ContainerPort.Parse(text)).Message);

    public static readonly TheoryData<ContainerPort> Wrong = new(
        new ContainerPort { HostPort = 8080 },
        new ContainerPort { Port = 70_000 },
        new ContainerPort { Port = 80, HostPort = -1 },
        new ContainerPort { Port = 80, HostPort = 65536 },
        new ContainerPort { Port = 80, HostPortEnd = 9 },
        new ContainerPort { Port = 80, HostPort = 8000, HostPortEnd = 7999 },
        new ContainerPort { Port = 80, HostPort = 8000, HostPortEnd = 70_000 },
        new ContainerPort { Port = 80, HostAddress = "here" },
        new ContainerPort { Port = 80, Protocol = (ContainerPortProtocol)7 });

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_record_is_looked_at_too(ContainerPort port) =>
        Assert.Equal("InvalidPort", Assert.Throws<DockerArgumentException>(() => SpecChecks.Check([port])).ErrorId);
}
