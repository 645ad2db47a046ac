using DockerPS.Engine;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using Xunit;

namespace DockerPS.Units.Containers;

/// <summary>Which containers a filter means.</summary>
public sealed class ContainerQueryTests
{
    [Theory]
    [InlineData("web1", true)]
    [InlineData("web", false)]
    [InlineData("WEB*", true)]
    [InlineData("web[0-5]", true)]
    [InlineData("web[2-5]", false)]
    [InlineData("[a-w]*", true)]
    [InlineData("0123", true)]
    [InlineData("012*", true)]
    public void Names_are_literal_or_patterns(string name, bool matches) =>
        Assert.Equal(matches, new ContainerQuery(new ContainerFilter { Names = [name] }).MatchesRow(Row()));

    [Theory]
    [InlineData("shop/site", true)]
    [InlineData("shop/site:2", true)]
    [InlineData("shop/[r-t]*", true)]
    [InlineData("shop/[a-c]*", false)]
    [InlineData("shop/site:[13]", false)]
    public void Images_are_too(string image, bool matches) =>
        Assert.Equal(matches, new ContainerQuery(new ContainerFilter { Images = [image] }).MatchesRow(Row()));

    private static ContainerRow Row() => new()
    {
        Id = "0123456789ab", Name = "web1", Image = "shop/site:2", ImageId = "sha256:ffff", Created = DateTimeOffset.UnixEpoch,
        State = ContainerState.Running, Spec = new ContainerSpec { Image = "shop/site:2" },
    };
}
