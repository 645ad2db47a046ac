using DockerPS.Engine.Containers;
using Xunit;

namespace DockerPS.Units.Containers;

public sealed class SecurityModulesTests
{
    private static ContainerSpec With(params string[] options) => new() { Image = "a", SecurityOptions = options };

    [Theory]
    [InlineData(null)]
    [InlineData("mine", "apparmor=mine")]
    [InlineData("mine", "apparmor=other", "apparmor:mine")]
    [InlineData(null, "apparmor=mine", "apparmor=unconfined")]
    public void The_last_profile_counts(string? expected, params string[] options) =>
        Assert.Equal(expected, SecurityModules.AppArmorProfile(With(options)));

    [Fact]
    public void Labels_are_made_of_parts_and_defaults()
    {
        Assert.Null(SecurityModules.SelinuxLabels(With()));
        Assert.Null(SecurityModules.SelinuxLabels(With("label=type:t", "label=disable")));
        Assert.Equal(
            ("system_u:system_r:mine_t:s0:c1,c2", "system_u:object_r:container_file_t:s0:c1,c2"),
            SecurityModules.SelinuxLabels(With("label=type:mine_t", "label:level:s0:c1,c2")));
        Assert.Null(SecurityModules.SelinuxLabels(With("label=type:mine_t") with { Privileged = true }));
    }

    [Theory]
    [InlineData("apparmor=a", true)]
    [InlineData("apparmor=", false)]
    [InlineData("apparmora", false)]
    [InlineData("label=disable", true)]
    [InlineData("label=user:u", true)]
    [InlineData("label=user:", false)]
    [InlineData("label=kind:k", false)]
    [InlineData("label=", false)]
    public void What_is_no_option_is_known(string option, bool expected) => Assert.Equal(expected, SecurityModules.IsOption(option));
}
