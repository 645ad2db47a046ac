using System.Diagnostics;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace DockerPS.Integration.Cgroups;

public class CgroupTests
{
    [Fact]
    public void A_group_is_made_in_every_hierarchy_and_removed_again_any_number_of_times()
    {
        using var fixture = new CgroupFixture();
        CgroupLayout layout = fixture.Layout;

        Assert.Equal(layout.Version1.Length + (layout.Version2 is null ? 0 : 1), fixture.Group.Directories.Count);
        Assert.All(fixture.Group.Directories, d => Assert.True(Directory.Exists(d), d));
        Cgroup again = Cgroup.Create(layout, fixture.Path);
        Assert.Equal(fixture.Group.Directories, again.Directories);

        Cgroup.FromDirectories([.. fixture.Group.Directories], layout).Remove();
        Assert.All(fixture.Group.Directories, d => Assert.False(Directory.Exists(d), d));
        fixture.Group.Remove();
    }

    [Fact]
    public void A_new_cpuset_can_be_joined_at_once()
    {
        using var fixture = new CgroupFixture();
        Assert.SkipUnless(fixture.Layout.VersionOf("cpuset") == 1, "No cpuset of version 1 here.");

        string root = fixture.Layout.Find("cpuset")!.MountPoint;
        Assert.Equal(File.ReadAllText(root + "/cpuset.cpus"), fixture.Read("cpuset", "cpuset.cpus") + "\n");
        Assert.NotEqual("", fixture.Read("cpuset", "cpuset.mems"));
        Assert.Equal(0, fixture.Complete("true").Code);
    }

    [Fact]
    public void Groups_made_at_once_under_a_new_parent_can_all_be_joined()
    {
        using var fixture = new CgroupFixture();
        var groups = new Cgroup[16];
        Parallel.For(0, groups.Length, i => groups[i] = Cgroup.Create(fixture.Layout, $"{fixture.Path}/new/{i}"));
        try
        {
            if (fixture.Layout.VersionOf("cpuset") != 1) return;
            foreach (Cgroup group in groups) Assert.NotEqual("\n", File.ReadAllText(group.DirectoryOf("cpuset") + "/cpuset.cpus"));
            foreach (Cgroup group in groups) Assert.NotEqual("\n", File.ReadAllText(group.DirectoryOf("cpuset") + "/cpuset.mems"));
        }
        finally
        {
            foreach (Cgroup group in groups) group.Remove();
        }
    }

    [Fact]
    public void A_thread_joins_through_the_descriptors()
    {
        using var fixture = new CgroupFixture();
        Assert.SkipWhen(fixture.Layout.Version1.Length == 0, "Version 2 is joined by clone3.");

        string groups = "";
        int[] descriptors = fixture.Group.OpenJoinDescriptors();
        Exception? failure = null;
        var joiner = new Thread(() => failure = Record.Exception(() =>
        {
            foreach (int descriptor in descriptors)
            {
                using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
                using var stream = new FileStream(handle, FileAccess.Write, 0);
                stream.Write("0"u8);
            }
            groups = File.ReadAllText("/proc/thread-self/cgroup");
        }));
        joiner.Start();
        joiner.Join();

        Assert.Null(failure);
        Assert.Equal(fixture.Layout.Version1.Length, descriptors.Length);
        Assert.Equal(descriptors.Length, groups.Split('\n').Count(l => l.EndsWith(":" + fixture.Path, StringComparison.Ordinal)));
    }

    [Fact]
    public void Processes_are_found_in_the_group_and_below()
    {
        using var fixture = new CgroupFixture();
        // Version 2 has processes in leaves only.
        Cgroup below = Cgroup.Create(fixture.Layout, fixture.Path + "/below"), beside = Cgroup.Create(fixture.Layout, fixture.Path + "/beside");
        Process parent = fixture.RunIn(beside, "sleep 1000 & wait");
        CgroupFixture.Await(() => fixture.Group.Processes().Count == 2, "shell and sleep are there");

        Assert.Contains(parent.Id, fixture.Group.Processes());
        Assert.Empty(below.Processes());
        int sleeper = fixture.Group.Processes().Single(p => p != parent.Id);
        foreach (string directory in below.Directories)
            File.WriteAllText(directory + "/cgroup.procs", sleeper.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal([sleeper], below.Processes());
        Assert.Equal(2, fixture.Group.Processes().Count);

        fixture.Group.Kill();
        fixture.Group.Remove();
        Assert.All(fixture.Group.Directories, d => Assert.False(Directory.Exists(d), d));
    }

    [Fact]
    public void A_frozen_group_stands_still_until_it_is_thawed()
    {
        using var fixture = new CgroupFixture();
        fixture.Run("while :; do :; done");
        CgroupFixture.Await(() => fixture.Group.Usage().CpuTime > 0, "it has used the processor");

        fixture.Group.Freeze();
        Assert.True(fixture.Group.IsFrozen());
        long? frozenAt = fixture.Group.Usage().CpuTime;
        var watch = Stopwatch.StartNew();
        while (watch.ElapsedMilliseconds < 30) Assert.Equal(frozenAt, fixture.Group.Usage().CpuTime);
        fixture.Group.Freeze();

        fixture.Group.Thaw();
        Assert.False(fixture.Group.IsFrozen());
        CgroupFixture.Await(() => fixture.Group.Usage().CpuTime > frozenAt, "it goes on");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Killing_leaves_nobody_whether_running_or_frozen(bool frozen)
    {
        using var fixture = new CgroupFixture();
        fixture.Run("trap '' TERM HUP INT; for i in 1 2 3 4 5 6 7 8; do setsid sleep 1000 & done; wait");
        CgroupFixture.Await(() => fixture.Group.Processes().Count == 9, "all are there");
        List<int> pids = fixture.Group.Processes();
        if (frozen) fixture.Group.Freeze();

        fixture.Group.Kill();

        Assert.Empty(fixture.Group.Processes());
        Assert.All(pids, pid => Assert.False(CgroupFixture.Lives(pid)));
        fixture.Group.Kill();
    }

    [Fact]
    public void Killing_reaches_what_joined_version_1_alone()
    {
        using var fixture = new CgroupFixture();
        Assert.SkipUnless(fixture.Layout.Kind == CgroupKind.Hybrid, "Only where there are both versions.");
        string version1 = string.Join(' ', fixture.Group.Directories.Where(d => !d.StartsWith(fixture.Layout.Version2!.MountPoint, StringComparison.Ordinal)));
        var start = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", $"for d in {version1}; do echo 0 >$d/tasks; done; exec sleep 1000" } };
        using Process outsider = Process.Start(start)!;
        CgroupFixture.Await(() => fixture.Group.Processes().Contains(outsider.Id), "it joined");

        fixture.Group.Kill();

        Assert.True(outsider.WaitForExit(10_000));
        Assert.Equal(137, outsider.ExitCode);
    }

    [Fact]
    public void A_group_in_use_is_not_removed_and_says_so()
    {
        using var fixture = new CgroupFixture();
        fixture.Run("exec sleep 1000");
        CgroupFixture.Await(() => fixture.Group.Processes().Count == 1, "it joined");

        var error = Assert.Throws<LinuxException>(() => fixture.Group.Remove(timeout: 20));
        Assert.Equal(Errno.EBUSY, error.Number);
        Assert.Contains(fixture.Path, error.Message);
    }

    [Fact]
    public void Only_cgroups_are_removed()
    {
        using var fixture = new CgroupFixture();
        DirectoryInfo ordinary = Directory.CreateTempSubdirectory("cgroups-test-");
        try
        {
            ordinary.CreateSubdirectory("kept");

            Assert.Throws<LinuxException>(() => Cgroup.FromDirectories([ordinary.FullName], fixture.Layout).Remove());
            Assert.True(Directory.Exists(ordinary.FullName + "/kept"));
        }
        finally
        {
            ordinary.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/")]
    [InlineData("/a/../b")]
    [InlineData("/a//b")]
    [InlineData("/a/")]
    public void A_path_that_leads_elsewhere_is_refused(string path)
    {
        using var fixture = new CgroupFixture();

        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => Cgroup.Create(fixture.Layout, path)).Number);
    }

    [Fact]
    public void Detecting_the_layout_is_quick()
    {
        using var fixture = new CgroupFixture();
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 100; i++) _ = CgroupLayout.Detect();

        // 0.1 ms where it was measured; the rest is for busy machines.
        Assert.True(watch.Elapsed.TotalMilliseconds / 100 < 2, watch.Elapsed.ToString());
    }
}
