using DockerPS.Engine.Registry.Transport;
using Xunit;

namespace DockerPS.Units.Registry;

/// <summary>The header that leads to the next page, as registries and what stands before them write it.</summary>
public sealed class NextLinkTests
{
    private static readonly Uri Root = new("https://registry.example:5000/v2/"), Page = new("https://registry.example:5000/v2/a/b/tags/list?n=2");

    [Theory]
    [InlineData("</v2/a/b/tags/list?n=2&last=x>; rel=\"next\"", "/v2/a/b/tags/list?n=2&last=x")]
    [InlineData("<list?last=x>;rel=next", "/v2/a/b/tags/list?last=x")]
    [InlineData("<?last=x>; REL=Next", "/v2/a/b/tags/list?last=x")]
    [InlineData("</v2/first>; rel=\"first\", </v2/next?a=1,2>; title=\"a, b\"; rel=\"last next\"", "/v2/next?a=1,2")]
    [InlineData("<http://internal/v2/more?last=x>; rel=\"next\"", "/v2/more?last=x")]
    [InlineData("</v2/first>; rel=\"first\"", null)]
    [InlineData("</v2/first>; title=\"rel=next\"", null)]
    [InlineData("/v2/more; rel=\"next\"", null)]
    [InlineData("<http://[>; rel=\"next\"", null)]
    [InlineData("<; rel=\"next\"", null)]
    [InlineData("", null)]
    public void The_next_page_is_one_of_the_same_registry(string header, string? expected) =>
        Assert.Equal(expected is null ? null : "https://registry.example:5000" + expected, NextLink.Of([header], Root, Page));

    [Fact]
    public void Of_several_headers_each_is_looked_at() =>
        Assert.Equal("https://registry.example:5000/v2/b", NextLink.Of(["</v2/a>; rel=prev", "</v2/b>; rel=next"], Root, Page));
}
