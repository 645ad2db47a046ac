using DockerPS.Engine.Containers;
using Xunit;

namespace DockerPS.Units.Containers;

public class ContainerNamesTests
{
    [Theory]
    [InlineData("web", true)]
    [InlineData("a1", true)]
    [InlineData("0_.-", true)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData("-web", false)]
    [InlineData("we b", false)]
    [InlineData("/web", false)]
    [InlineData("wéb", false)]
    public void Name_follows_Dockers_grammar(string name, bool valid) => Assert.Equal(valid, ContainerNames.IsName(name));

    [Fact]
    public void A_bad_name_is_refused_with_its_own_error() =>
        Assert.Equal("InvalidName", Assert.Throws<DockerArgumentException>(() => ContainerNames.CheckName("no!")).ErrorId);

    [Fact]
    public void Words_are_many_distinct_and_make_valid_names()
    {
        Assert.True(ContainerNameWords.Adjectives.Length > 150);
        Assert.True(ContainerNameWords.Nouns.Length > 150);
        Assert.Equal(ContainerNameWords.Adjectives.Length, ContainerNameWords.Adjectives.Distinct().Count());
        Assert.Equal(ContainerNameWords.Nouns.Length, ContainerNameWords.Nouns.Distinct().Count());
        Assert.All(ContainerNameWords.Adjectives.Concat(ContainerNameWords.Nouns), w => Assert.True(ContainerNames.IsName(w), w));
        Assert.True(ContainerNames.IsName(ContainerNames.NewName(0)));
        Assert.True(ContainerNames.IsName(ContainerNames.NewName(50)));
    }

    [Fact]
    public void Ids_have_64_hexadecimal_digits_and_differ()
    {
        string id = ContainerNames.NewId();
        Assert.Matches("^[0-9a-f]{64}$", id);
        Assert.NotEqual(id, ContainerNames.NewId());
    }
}
