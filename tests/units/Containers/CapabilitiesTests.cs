using DockerPS.Engine.Containers;
using Xunit;

namespace DockerPS.Units.Containers;

public class CapabilitiesTests
{
    private const ulong Everything = (1UL << 41) - 1;
    private const ulong WithoutSysResource = Everything & ~(1UL << 24);

    [Fact]
    public void By_default_there_are_eleven_without_NET_RAW_MKNOD_and_AUDIT_WRITE()
    {
        List<string> granted = Of(new ContainerSpec { Image = "i" });
        Assert.Equal(11, granted.Count);
        Assert.DoesNotContain("CAP_NET_RAW", granted);
        Assert.DoesNotContain("CAP_MKNOD", granted);
        Assert.DoesNotContain("CAP_AUDIT_WRITE", granted);
    }

    [Fact]
    public void Added_and_dropped_ones_change_the_default_set()
    {
        List<string> granted = Of(new ContainerSpec { Image = "i", CapAdd = ["net_admin", "CAP_SYS_PTRACE"], CapDrop = ["KILL"] });
        Assert.Contains("CAP_NET_ADMIN", granted);
        Assert.Contains("CAP_SYS_PTRACE", granted);
        Assert.DoesNotContain("CAP_KILL", granted);
        Assert.Equal(12, granted.Count);
    }

    [Fact]
    public void Dropping_all_leaves_the_added_ones() =>
        Assert.Equal(["CAP_CHOWN"], Of(new ContainerSpec { Image = "i", CapAdd = ["CHOWN"], CapDrop = ["ALL"] }));

    [Fact]
    public void Adding_all_gives_all_but_the_dropped() =>
        Assert.Equal(40, Of(new ContainerSpec { Image = "i", CapAdd = ["ALL"], CapDrop = ["SYS_ADMIN"] }).Count);

    [Fact]
    public void What_the_host_lacks_is_left_out_and_reported_only_when_named()
    {
        List<string> all = Capabilities.Of(new ContainerSpec { Image = "i", CapAdd = ["ALL"] }, WithoutSysResource, out List<string> missing);
        Assert.DoesNotContain("CAP_SYS_RESOURCE", all);
        Assert.Empty(missing);
        Capabilities.Of(new ContainerSpec { Image = "i", CapAdd = ["SYS_RESOURCE"] }, WithoutSysResource, out missing);
        Assert.Equal(["CAP_SYS_RESOURCE"], missing);
        Assert.Equal(40, Capabilities.Of(new ContainerSpec { Image = "i", Privileged = true }, WithoutSysResource, out _).Count);
    }

    [Fact]
    public void An_unknown_one_is_refused() =>
        Assert.Equal("InvalidCapability", Assert.Throws<DockerArgumentException>(() => Capabilities.Parse("NO_SUCH")).ErrorId);

    private static List<string> Of(ContainerSpec spec) => Capabilities.Of(spec, Everything, out _);
}
