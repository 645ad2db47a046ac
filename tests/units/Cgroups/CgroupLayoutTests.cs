using DockerPS.Linux.Cgroups;
using Xunit;

namespace DockerPS.Units.Cgroups;

public class CgroupLayoutTests
{
    [Fact]
    public void A_version_1_host_has_its_hierarchies_once_each_and_no_version_2()
    {
        CgroupLayout layout = CgroupLayout.Parse(MountTables.Version1);

        Assert.Equal(CgroupKind.V1, layout.Kind);
        Assert.Null(layout.Version2);
        Assert.Equal(10, layout.Version1.Length);
        Assert.Equal("/sys/fs/cgroup/pids", layout.Find("pids")!.MountPoint);
    }

    [Fact]
    public void Controllers_mounted_together_are_one_hierarchy()
    {
        CgroupLayout layout = CgroupLayout.Parse(MountTables.Version1);

        Assert.Same(layout.Find("cpu"), layout.Find("cpuacct"));
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct", layout.Find("cpu")!.MountPoint);
        Assert.Equal(["cpu", "cpuacct"], layout.Find("cpu")!.Controllers);
    }

    [Fact]
    public void The_named_hierarchy_of_systemd_is_one_of_them()
    {
        CgroupLayout layout = CgroupLayout.Parse(MountTables.Version1);

        CgroupHierarchy systemd = Assert.Single(layout.Version1, h => h.Name == "systemd");
        Assert.Empty(systemd.Controllers);
        Assert.Equal("/sys/fs/cgroup/systemd", systemd.MountPoint);
    }

    [Fact]
    public void A_hybrid_host_takes_each_controller_from_where_it_is()
    {
        CgroupLayout layout = CgroupLayout.Parse(MountTables.Hybrid, "hugetlb");

        Assert.Equal(CgroupKind.Hybrid, layout.Kind);
        Assert.Equal(9, layout.Version1.Length);
        Assert.Equal("/sys/fs/cgroup/unified", layout.Version2!.MountPoint);
        Assert.Equal(1, layout.VersionOf("memory"));
        Assert.Equal(2, layout.VersionOf("hugetlb"));
        Assert.Equal(0, layout.VersionOf("rdma"));
    }

    [Fact]
    public void A_version_2_hierarchy_that_is_hidden_below_another_mount_is_not_used()
    {
        CgroupLayout layout = CgroupLayout.Parse(MountTables.Hybrid, version2Controllers: null);

        Assert.Equal(CgroupKind.V1, layout.Kind);
        Assert.Null(layout.Version2);
    }

    [Fact]
    public void A_version_2_host_has_one_hierarchy_with_the_controllers_of_its_root()
    {
        CgroupLayout layout = CgroupLayout.Parse(MountTables.Version2, MountTables.Version2Controllers);

        Assert.Equal(CgroupKind.V2, layout.Kind);
        Assert.Empty(layout.Version1);
        Assert.Equal("/sys/fs/cgroup", layout.Version2!.MountPoint);
        Assert.Equal(2, layout.VersionOf("memory"));
        Assert.Equal(0, layout.VersionOf("blkio"));
    }

    [Fact]
    public void Named_hierarchies_beside_version_2_do_not_make_a_hybrid()
    {
        string table = MountTables.Version2
            + "\n40 22 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n";

        Assert.Equal(CgroupKind.V2, CgroupLayout.Parse(table, "memory").Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("22 1 254:0 / / rw,relatime - ext4 /dev/root rw\n")]
    public void Without_cgroups_the_kind_is_none(string table) =>
        Assert.Equal(CgroupKind.None, CgroupLayout.Parse(table).Kind);

    [Fact]
    public void Blanks_in_a_mount_point_are_understood()
    {
        CgroupLayout layout = CgroupLayout.Parse(@"36 25 0:33 / /my\040groups/c\134d rw - cgroup cgroup rw,cpuset");

        Assert.Equal(@"/my groups/c\d", layout.Find("cpuset")!.MountPoint);
    }
}
