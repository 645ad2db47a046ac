using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Runtime.Cgroups;
using Xunit;

namespace DockerPS.Units.Cgroups;

public class CgroupPlacementTests
{
    [Theory]
    [InlineData(null, "/dockerps/c1")]
    [InlineData("", "/dockerps/c1")]
    [InlineData("pod/c", "/dockerps/pod/c")]
    [InlineData("/machine/c", "/machine/c")]
    [InlineData("//machine/./c/", "/machine/c")]
    [InlineData("/docker/a:b", "/docker/a:b")]
    public void Directories_are_below_the_mount_points_or_the_runtimes_own_parent(string? path, string expected) =>
        Assert.Equal(new CgroupPlacement(expected), CgroupPlacement.From(path, "c1", systemd: false));

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("..")]
    [InlineData("/")]
    [InlineData("system.slice:docker:c1")]
    [InlineData(":docker:c1")]
    public void What_is_no_place_for_directories_is_refused_by_name(string path)
    {
        var error = Assert.Throws<LinuxException>(() => CgroupPlacement.From(path, "c1", systemd: false));
        Assert.Equal(Errno.EINVAL, error.Number);
        Assert.StartsWith("linux.cgroupsPath: ", error.Message);
    }

    [Theory]
    [InlineData(null, "system.slice", "dockerps-c1.scope")]
    [InlineData("machine.slice:libpod:abc", "machine.slice", "libpod-abc.scope")]
    [InlineData(":docker:abc", "system.slice", "docker-abc.scope")]
    [InlineData("user-1000.slice::abc", "user-1000.slice", "abc.scope")]
    [InlineData("a.slice:x:a+b", "a.slice", "x-a\\x2bb.scope")]
    public void Scopes_are_named_by_prefix_and_name(string? path, string slice, string unit) =>
        Assert.Equal(new CgroupPlacement(null, slice, unit), CgroupPlacement.From(path, "c1", systemd: true));

    [Theory]
    [InlineData("/machine/c")]
    [InlineData("machine.slice:c")]
    [InlineData("machine.slice:c:")]
    [InlineData("machine:docker:c")]
    [InlineData("a/b.slice:docker:c")]
    [InlineData("machine.slice:docker:c.slice")]
    public void What_is_no_scope_is_refused_by_name(string path)
    {
        var error = Assert.Throws<LinuxException>(() => CgroupPlacement.From(path, "c1", systemd: true));
        Assert.StartsWith("linux.cgroupsPath: ", error.Message);
    }

    [Theory]
    [InlineData("0::/system.slice/x.scope\n", CgroupKind.V2, "/system.slice/x.scope")]
    [InlineData("9:name=systemd:/system.slice/x.scope\n4:memory:/\n0::/system.slice/x.scope\n", CgroupKind.Hybrid, "/system.slice/x.scope")]
    [InlineData("3:cpu,cpuacct:/\n1:name=systemd:/a.slice/x.scope\n", CgroupKind.V1, "/a.slice/x.scope")]
    [InlineData("0::/\n", CgroupKind.V2, null)]
    public void Where_systemd_has_put_a_process(string cgroups, CgroupKind kind, string? expected) =>
        Assert.Equal(expected, SystemdScope.PathFrom(cgroups, kind));
}
