using Xunit;

namespace DockerPS.Units.Module;

public sealed class UserNamespaceParameterTests : IDisposable
{
    private readonly CmdletHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("-UserNamespace auto", "auto")]
    [InlineData("-UserNamespace auto:size=1000", "auto:size=1000")]
    [InlineData("-UserNamespace @{ Mode = 'Auto'; Size = 1000 }", "auto:size=1000")]
    [InlineData("-UserNamespace keep-id:uid=1", "keep-id:uid=1")]
    [InlineData("-UserNamespace 100000:65536", "0:100000:65536")]
    [InlineData("-UserNamespace ([DockerPS.ContainerUserNamespace]::Parse('7:8:9'))", "7:8:9")]
    public void A_text_a_hashtable_and_the_type_mean_the_same(string arguments, string expected) =>
        Assert.Equal(expected, Spec(arguments).UserNamespace!.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("-UserNamespace host")]
    public void The_host_is_what_there_is_without(string arguments) => Assert.Null(Spec(arguments).UserNamespace);

    [Fact]
    public void A_senseless_one_is_told_at_binding()
    {
        (IReadOnlyList<object> output, var errors) = _host.Run("Show-Spec img -UserNamespace private");
        Assert.Empty(output);
        Assert.Contains("keep-id", Assert.Single(errors).ToString());
    }

    [Fact]
    public void Kinds_complete() => Assert.Equal(
        ["keep-id"],
        _host.Run("(TabExpansion2 -InputScript 'New-Container img -UserNamespace k' -CursorColumn 34).CompletionMatches.ForEach{ $_.CompletionText }")
            .Output.Cast<string>());

    [Fact]
    public void A_volume_may_be_idmapped()
    {
        ContainerMount mount = Assert.Single(Spec("-Volume '/tmp:/in:ro,idmap'").Mounts);
        Assert.True(mount.IdMapped && mount.ReadOnly);
        Assert.Equal("/tmp:/in:ro,idmap", mount.ToString());
        Assert.True(Assert.Single(Spec("-Mount 'type=bind,source=/tmp,target=/in,idmap'").Mounts).IdMapped);
        Assert.False(Assert.Single(Spec("-Volume /tmp:/in").Mounts).IdMapped);
    }

    private ContainerSpec Spec(string arguments)
    {
        (IReadOnlyList<object> output, var errors) = _host.Run("Show-Spec img " + arguments);
        Assert.Empty(errors);
        return Assert.IsType<ContainerSpec>(Assert.Single(output));
    }
}
