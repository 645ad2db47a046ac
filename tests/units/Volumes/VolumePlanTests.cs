using DockerPS.Engine.Volumes;
using Xunit;

namespace DockerPS.Units.Volumes;

public sealed class VolumePlanTests
{
    private static readonly ContainerSpec s_spec = new() { Image = "app" };

    private static VolumePlan Make(ContainerSpec spec, string[] declared, params (string, ContainerSpec)[] others) =>
        VolumePlan.Make(
            spec, new ContainerImageConfiguration { Volumes = declared }, others.Select(o => (o.Item1, o.Item2, (IReadOnlySet<string>)new HashSet<string> { "theirs" })));

    [Fact]
    public void What_is_asked_for_ranks_before_others_and_those_before_the_image()
    {
        ContainerSpec asked = s_spec with { Mounts = [ContainerMount.Parse("mine:/a"), ContainerMount.Parse("/b")] };
        ContainerSpec other = s_spec with { Mounts = [ContainerMount.Parse("theirs:/a/"), ContainerMount.Parse("theirs:/c"), ContainerMount.ParseTmpfs("/t")] };
        VolumePlan plan = Make(asked, ["/a", "/c", "/d"], ("other:ro", other));
        Assert.Equal(["/a", "/b", "/c", "/d"], plan.Spec.Mounts.Select(m => m.Target));
        Assert.Equal(("mine", false), (plan.Spec.Mounts[0].Source, plan.Spec.Mounts[0].ReadOnly));
        Assert.Equal(("theirs", true), (plan.Spec.Mounts[2].Source, plan.Spec.Mounts[2].ReadOnly));
        Assert.Equal([false, true, false, true], plan.Volumes.Select(v => v.Anonymous));
        Assert.All([plan.Spec.Mounts[1].Source, plan.Spec.Mounts[3].Source], name => Assert.Matches("^[0-9a-f]{64}$", name));
    }

    [Fact]
    public void A_declared_volume_gives_way_to_any_mount_of_its_place()
    {
        VolumePlan plan = Make(s_spec with { Mounts = [ContainerMount.ParseTmpfs("/data"), ContainerMount.Parse("/srv:/logs")] }, ["/data/", "/logs"]);
        Assert.Empty(plan.Volumes);
        Assert.Equal(2, plan.Spec.Mounts.Count);
    }

    [Fact]
    public void Volumes_that_are_asked_for_by_name_are_told_from_those_that_come_by_themselves()
    {
        ContainerSpec other = s_spec with { Mounts = [ContainerMount.Parse("theirs:/c"), ContainerMount.Parse("their-own:/d")] };
        VolumePlan plan = Make(s_spec with { Mounts = [ContainerMount.Parse("mine:/a"), ContainerMount.Parse("/b")] }, ["/e"], ("other", other));
        Assert.Equal(["mine", "theirs"], plan.Named.Order());
        Assert.Equal(5, plan.Volumes.Count);
    }

    [Theory]
    [InlineData("/data/../logs/./", "/logs")]
    [InlineData("//a//b/", "/a/b")]
    [InlineData("/..", "/")]
    [InlineData("relative", "/relative")]
    public void Targets_are_compared_as_the_runtime_takes_them(string target, string clean) => Assert.Equal(clean, Engine.Containers.MountPlan.Clean(target));

    [Theory]
    [InlineData("/")]
    [InlineData("/data/..")]
    public void An_image_cannot_declare_the_root_as_a_volume(string target) =>
        Assert.Equal("InvalidMount", Assert.Throws<DockerArgumentException>(() => Make(s_spec, [target])).ErrorId);
}
