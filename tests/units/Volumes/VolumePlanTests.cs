using DockerPS.Engine.Volumes;
using Xunit;

namespace DockerPS.Units.Volumes;

public sealed class VolumePlanTests
{
    private static readonly ContainerSpec s_spec = new() { Image = "app" };

    private static VolumePlan Make(ContainerSpec spec, string[] declared, params (string, ContainerSpec)[] others) =>
        VolumePlan.Make(spec, new ContainerImageConfiguration { Volumes = declared }, others);

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
}
