using DockerPS.Engine.Checks;
using Xunit;

namespace DockerPS.Units.Checks;

/// <summary>What a machine offers is read from its files, and what is missing names the package of its distribution.</summary>
public sealed class HostFeaturesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dockerps-features-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private ContainerEngineFeature Feature(string name) => new HostFeatures(_root).Read().Single(f => f.Name == name);

    private void Write(string path, string text)
    {
        string file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    [Fact]
    public void A_machine_of_which_nothing_can_be_read_has_nothing_and_every_remedy()
    {
        IReadOnlyList<ContainerEngineFeature> features = new HostFeatures(_root).Read();
        Assert.All(features, f => Assert.False(f.Available, f.Name));
        Assert.All(features, f => Assert.False(string.IsNullOrEmpty(f.Remedy), f.Name));
        Assert.Equal(features.Count, features.Select(f => f.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("ID=debian\n", "apt-get install libseccomp2")]
    [InlineData("NAME=x\nID=mint\nID_LIKE=\"ubuntu debian\"\n", "apt-get install libseccomp2")]
    [InlineData("ID=fedora\n", "dnf install libseccomp")]
    [InlineData("ID=alpine\n", "apk add libseccomp")]
    [InlineData("ID=other\n", "the package libseccomp (libseccomp2 on Debian)")]
    public void A_missing_library_names_the_package_of_the_distribution(string release, string remedy)
    {
        Write("etc/os-release", release);
        Write("proc/sys/kernel/seccomp/actions_avail", "kill log");
        Assert.Contains(remedy, Feature("Seccomp").Remedy);
    }

    [Fact]
    public void The_version_of_libseccomp_is_that_of_its_file()
    {
        Write("proc/sys/kernel/seccomp/actions_avail", "kill log");
        Write("usr/lib/x86_64-linux-gnu/libseccomp.so.2.5.4", "");
        File.CreateSymbolicLink(Path.Combine(_root, "usr/lib/x86_64-linux-gnu/libseccomp.so.2"), "libseccomp.so.2.5.4");
        Assert.Equal((true, "libseccomp 2.5.4"), (Feature("Seccomp").Available, Feature("Seccomp").Detail));
    }

    [Theory]
    [InlineData("5.11.22-generic", false, false)]
    [InlineData("5.12.0", true, false)]
    [InlineData("5.19", true, true)]
    [InlineData("6.1.0-18-amd64", true, true)]
    [InlineData("nonsense", false, false)]
    public void Kernels_have_what_came_with_their_version(string release, bool mounts, bool overlay)
    {
        Write("proc/sys/kernel/osrelease", release + "\n");
        Assert.Equal((mounts, overlay), (Feature("IdMappedMounts").Available, Feature("IdMappedOverlay").Available));
    }

    [Fact]
    public void Cgroups_are_told_by_version_and_controllers()
    {
        Write("proc/cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t2\t10\t1\npids\t3\t10\t1\nrdma\t4\t1\t0\n");
        Directory.CreateDirectory(Path.Combine(_root, "sys/fs/cgroup/memory"));
        Assert.Equal("v1: memory", Feature("Cgroups").Detail);
        Directory.CreateDirectory(Path.Combine(_root, "sys/fs/cgroup/unified"));
        Assert.Equal("hybrid: memory", Feature("Cgroups").Detail);
        Write("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
        Assert.Equal("v2: cpu,memory,pids", Feature("Cgroups").Detail);
    }

    [Fact]
    public void User_namespaces_can_be_switched_off()
    {
        Write("proc/self/ns/user", "");
        Write("proc/sys/user/max_user_namespaces", "0\n");
        Assert.False(Feature("UserNamespaces").Available);
        Write("proc/sys/user/max_user_namespaces", "1000\n");
        Assert.True(Feature("UserNamespaces").Available);
    }

    [Fact]
    public void Security_modules_are_the_active_ones()
    {
        Write("sys/kernel/security/lsm", "lockdown,capability,yama,apparmor");
        Assert.Equal("apparmor", Feature("SecurityModules").Detail);
    }
}
