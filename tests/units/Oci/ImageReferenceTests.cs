using DockerPS.Oci.References;
using Xunit;

namespace DockerPS.Units.Oci;

/// <summary>The grammar of github.com/distribution/reference, and Docker's familiar names upon it.</summary>
public class ImageReferenceTests
{
    private const string Hex = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    [Theory]
    [InlineData("mysql", "docker.io/library/mysql", "mysql")]
    [InlineData("mysql:5.7", "docker.io/library/mysql:5.7", "mysql:5.7")]
    [InlineData("library/mysql", "docker.io/library/mysql", "mysql")]
    [InlineData("docker.io/mysql", "docker.io/library/mysql", "mysql")]
    [InlineData("index.docker.io/mysql", "docker.io/library/mysql", "mysql")]
    [InlineData("docker/docker:Tag", "docker.io/docker/docker:Tag", "docker/docker:Tag")]
    [InlineData("localhost/app", "localhost/app", "localhost/app")]
    [InlineData("localhost:5000/a/b:1", "localhost:5000/a/b:1", "localhost:5000/a/b:1")]
    [InlineData("127.0.0.1:5000/library/debian", "127.0.0.1:5000/library/debian", "127.0.0.1:5000/library/debian")]
    [InlineData("[2001:db8::1]:5000/repo", "[2001:db8::1]:5000/repo", "[2001:db8::1]:5000/repo")]
    [InlineData("Asdf.com/foo/bar", "Asdf.com/foo/bar", "Asdf.com/foo/bar")]
    [InlineData("Uppercase/lower", "Uppercase/lower", "Uppercase/lower")]
    [InlineData("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com")]
    [InlineData("a-a/a-a", "docker.io/a-a/a-a", "a-a/a-a")]
    [InlineData("foo_bar.com:8080", "docker.io/library/foo_bar.com:8080", "foo_bar.com:8080")]
    [InlineData("foo/foo_bar.com:8080", "docker.io/foo/foo_bar.com:8080", "foo/foo_bar.com:8080")]
    [InlineData("a__b/c--d", "docker.io/a__b/c--d", "a__b/c--d")]
    [InlineData("app@sha256:" + Hex, "docker.io/library/app@sha256:" + Hex, "app@sha256:" + Hex)]
    [InlineData("h:8/app:1@sha256:" + Hex, "h:8/app:1@sha256:" + Hex, "h:8/app:1@sha256:" + Hex)]
    public void Names_have_a_canonical_and_a_familiar_form(string text, string canonical, string familiar)
    {
        ImageReference reference = ImageReference.Parse(text);
        Assert.Equal(canonical, reference.Canonical);
        Assert.Equal(familiar, reference.Familiar);
        Assert.Equal(reference, ImageReference.Parse(reference.Canonical));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":justtag")]
    [InlineData("@sha256:" + Hex)]
    [InlineData("repo@sha256:ffff")]
    [InlineData("validname@invaliddigest:" + Hex)]
    [InlineData("repo@sha256:FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("https://github.com/docker/docker")]
    [InlineData("docker/Docker")]
    [InlineData("-docker")]
    [InlineData("-docker/docker")]
    [InlineData("docker///docker")]
    [InlineData("docker.io/docker/Docker")]
    [InlineData("docker.io/docker///docker")]
    [InlineData("a//b")]
    [InlineData("a___b")]
    [InlineData("a..b")]
    [InlineData("a./b")]
    [InlineData("repo:")]
    [InlineData("repo:-tag")]
    [InlineData("repo: tag")]
    [InlineData("-foo.com/repo")]
    [InlineData("repo/")]
    [InlineData(" repo")]
    [InlineData("repo\n")]
    public void What_breaks_the_grammar_is_refused(string text) =>
        Assert.Throws<InvalidReferenceException>(() => ImageReference.Parse(text));

    [Fact]
    public void Capitals_are_refused_by_name()
    {
        var error = Assert.Throws<InvalidReferenceException>(() => ImageReference.Parse("MyApp:1"));
        Assert.Contains("lower case", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_id_cannot_be_a_name() => Assert.Throws<InvalidReferenceException>(() => ImageReference.Parse(Hex));

    [Fact]
    public void Names_may_have_255_characters_and_tags_128()
    {
        Assert.NotNull(ImageReference.Parse($"a.b/{new string('c', 251)}:{new string('t', 128)}"));
        Assert.Throws<InvalidReferenceException>(() => ImageReference.Parse($"a.b/{new string('c', 252)}"));
        Assert.Throws<InvalidReferenceException>(() => ImageReference.Parse($"a:{new string('t', 129)}"));
    }

    [Fact]
    public void The_default_tag_is_given_only_where_nothing_else_says_which()
    {
        Assert.Equal("mysql:latest", ImageReference.Parse("mysql").WithDefaultTag().Familiar);
        Assert.Equal("mysql:8", ImageReference.Parse("mysql:8").WithDefaultTag().Familiar);
        Assert.Null(ImageReference.Parse("mysql@sha256:" + Hex).WithDefaultTag().Tag);
    }
}
