using DockerPS.Integration.Bundles;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Mounts;

/// <summary>File systems that a container mounts anew, and their options.</summary>
public sealed class FileSystemMountTests
{
    [Fact]
    public void A_tmpfs_has_the_size_and_mode_that_are_asked_for()
    {
        using var bundle = new OciBundle("df -k /scratch | tail -1 | awk '{print $2}'; stat -c %a /scratch");
        bundle.Mount("/scratch", "tmpfs", "tmpfs", "size=1m", "mode=1750");
        Assert.Equal("1024\n1750\n", bundle.RunWell());
    }

    [Fact]
    public void A_tmpfs_without_a_mode_takes_that_of_the_directory_it_covers()
    {
        using var bundle = new OciBundle("stat -c %a /covered /made");
        Directory.CreateDirectory(bundle.RootFs + "/covered");
        OciBundle.SetMode(bundle.RootFs + "/covered", "750");
        bundle.Mount("/covered", "tmpfs", "tmpfs", "size=1m");
        bundle.Mount("/made", "tmpfs", "tmpfs");
        Assert.Equal("750\n1777\n", bundle.RunWell());
    }

    [Fact]
    public void Tmpcopyup_brings_what_the_image_has_with_owners_modes_and_links()
    {
        using var bundle = new OciBundle(
            "cd /data && stat -c '%n %a %u:%g %F' . file tool deep/dir/x link | tr ' ' _; readlink link; cat file; touch new; ls -a deep");
        string data = bundle.RootFs + "/data";
        Directory.CreateDirectory(data + "/deep/dir");
        File.WriteAllText(data + "/file", "content\n");
        File.WriteAllText(data + "/tool", new string('x', 3 << 20));
        File.WriteAllText(data + "/deep/dir/x", "");
        File.WriteAllText(data + "/deep/.hidden", "");
        File.CreateSymbolicLink(data + "/link", "/etc/nowhere");
        Assert.Equal(0, OciBundle.Start("chown", ["12:34", data + "/file", data + "/tool"]).ExitCode);
        Assert.Equal(0, OciBundle.Start("chown", ["-h", "56:78", data + "/link"]).ExitCode);
        OciBundle.SetMode(data + "/tool", "4755");
        OciBundle.SetMode(data + "/file", "640");
        OciBundle.SetMode(data, "711");
        bundle.Mount("/data", "tmpfs", "tmpfs", "tmpcopyup", "nosuid");
        Assert.Equal(
            """
            ._711_0:0_directory
            file_640_12:34_regular_file
            tool_4755_12:34_regular_file
            deep/dir/x_644_0:0_regular_empty_file
            link_777_56:78_symbolic_link
            /etc/nowhere
            content
            .
            ..
            .hidden
            dir

            """,
            bundle.RunWell());
        Assert.False(File.Exists(data + "/new"));
    }

    [Theory]
    [InlineData("mqueue", "mqueue", "mqueue")]
    [InlineData("ramfs", "ramfs", "ramfs")]
    public void Any_file_system_of_the_kernel_can_be_mounted(string type, string source, string shown)
    {
        using var bundle = new OciBundle("grep ' /any ' /proc/self/mountinfo | sed 's/.* - //' | cut -d' ' -f1");
        bundle.Mount("/any", type, source);
        Assert.Equal(shown + "\n", bundle.RunWell());
    }

    [Fact]
    public void An_overlay_is_mounted_with_its_own_options()
    {
        using var bundle = new OciBundle("cat /merged/lower; echo new > /merged/upper");
        string lower = bundle.MakeDirectory("lower"), upper = bundle.MakeDirectory("upper");
        File.WriteAllText(lower + "/lower", "lower\n");
        bundle.Mount("/merged", "overlay", "overlay", $"lowerdir={lower}", $"upperdir={upper}", $"workdir={bundle.MakeDirectory("work")}");
        Assert.Equal("lower\n", bundle.RunWell());
        Assert.Equal("new\n", File.ReadAllText(upper + "/upper"));
    }

    [Fact]
    public void What_the_file_system_refuses_is_named_by_its_json_path()
    {
        using var bundle = new OciBundle();
        bundle.Mount("/scratch", "tmpfs", "tmpfs", "frobnicate=1");
        OciBundle.Output output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("$.mounts[4]", output.Error);
        Assert.Contains("frobnicate", output.Error);
    }

    [Fact]
    public void Recursive_attributes_and_propagation_apply_to_a_new_file_system()
    {
        using var bundle = new OciBundle("grep ' /scratch ' /proc/self/mountinfo");
        bundle.Mount("/scratch", "tmpfs", "tmpfs", "rnoexec", "rnoatime", "shared", "size=1m", "mode=700");
        string line = bundle.RunWell();
        Assert.Contains("noexec,noatime", line);
        Assert.Contains("shared:", line);
        Assert.Contains("size=1024k,mode=700", line);
    }

    [Fact]
    public void Cgroups_of_version_1_are_mounted_at_the_containers_own_group_with_and_without_a_namespace()
    {
        Assert.SkipUnless(Directory.Exists("/sys/fs/cgroup/memory"), "SKIPPED: this machine has no cgroups of version 1.");
        foreach (bool own in (bool[])[true, false])
        {
            using var bundle = new OciBundle(
                "cd /sys/fs/cgroup; ls | tr '\\n' ' '; echo; for d in memory pids systemd unified; do "
                + "[ ! -d $d ] || grep -qx $$ $d/cgroup.procs && echo $d; done; touch /sys/fs/cgroup/x; mkdir memory/x");
            if (!own) bundle.Linux.Namespaces!.RemoveAll(n => n.Type == "cgroup");
            bundle.Linux.CgroupsPath = "/dockerps-test/" + bundle.Id;
            bundle.Mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "nodev", "noexec");
            OciBundle.Output output = bundle.Run();
            string[] lines = output.Out.Trim().Split('\n');
            foreach (string hierarchy in Directory.EnumerateDirectories("/sys/fs/cgroup").Select(d => Path.GetFileName(d)!))
                Assert.Contains(hierarchy, lines[0].Split(' '));
            Assert.Contains("memory", lines[1..]);
            Assert.Contains("pids", lines[1..]);
            Assert.Equal(2, output.Error.Split("Read-only file system").Length - 1);
        }
    }

    [Fact]
    public void Only_a_tmpfs_can_be_filled_from_the_image()
    {
        using var bundle = new OciBundle();
        bundle.Mount("/x", "mqueue", "mqueue", "tmpcopyup");
        Assert.Contains("$.mounts[4].options", bundle.Run().Error);
    }

    [Fact]
    public void A_mapping_needs_something_to_map()
    {
        using var bundle = new OciBundle();
        RuntimeMount mount = bundle.Mount("/x", "tmpfs", "tmpfs");
        mount.UidMappings = [new RuntimeIdMapping { ContainerId = 0, HostId = 1000, Size = 1 }];
        mount.GidMappings = [new RuntimeIdMapping { ContainerId = 0, HostId = 1000, Size = 1 }];
        Assert.Contains("$.mounts[4]: only a bind mount can be mapped", bundle.Run().Error);
    }
}
