using DockerPS.Integration.Bundles;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Mounts;

/// <summary>Device nodes, the links beside them, and paths that are masked or read-only.</summary>
public sealed class DeviceTests
{
    [Fact]
    public void The_default_devices_and_links_are_there()
    {
        using var bundle = new OciBundle(
            "for d in null zero full random urandom tty; do stat -c '%n %t:%T %a %F' /dev/$d; done; "
            + "for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done; echo x > /dev/null; head -c 3 /dev/zero | wc -c");
        Assert.Equal(
            """
            /dev/null 1:3 666 character special file
            /dev/zero 1:5 666 character special file
            /dev/full 1:7 666 character special file
            /dev/random 1:8 666 character special file
            /dev/urandom 1:9 666 character special file
            /dev/tty 5:0 666 character special file
            /proc/self/fd
            /proc/self/fd/0
            /proc/self/fd/1
            /proc/self/fd/2
            pts/ptmx
            3

            """,
            bundle.RunWell());
    }

    [Fact]
    public void Devices_of_every_type_are_made_with_owner_and_mode()
    {
        using var bundle = new OciBundle("stat -c '%n %t:%T %a %u:%g %F' /dev/fuse /dev/b /dev/sub/u /dev/pipe");
        bundle.Linux.Devices =
        [
            new RuntimeDevice { Path = "/dev/fuse", Type = "c", Major = 10, Minor = 229, FileMode = 0x2180 | 0x1B0, Uid = 7, Gid = 8 },
            new RuntimeDevice { Path = "/dev/b", Type = "b", Major = 7, Minor = 300, FileMode = 0x100 },
            new RuntimeDevice { Path = "/dev/sub/u", Type = "u", Major = 1, Minor = 3 },
            new RuntimeDevice { Path = "/dev/pipe", Type = "p", FileMode = 0x180, Uid = 1 },
        ];
        Assert.Equal(
            """
            /dev/fuse a:e5 660 7:8 character special file
            /dev/b 7:12c 400 0:0 block special file
            /dev/sub/u 1:3 666 0:0 character special file
            /dev/pipe 0:0 600 1:0 fifo

            """,
            bundle.RunWell());
    }

    [Fact]
    public void A_device_that_is_there_stays_and_another_file_in_its_place_is_refused()
    {
        using var bundle = new OciBundle("stat -c '%t:%T %a' /opt/null");
        Directory.CreateDirectory(bundle.RootFs + "/opt");
        Assert.Equal(0, OciBundle.Start("mknod", ["-m", "600", bundle.RootFs + "/opt/null", "c", "1", "3"]).ExitCode);
        bundle.Linux.Devices = [new RuntimeDevice { Path = "/opt/null", Type = "c", Major = 1, Minor = 3 }];
        Assert.Equal("1:3 600\n", bundle.RunWell());
        bundle.Linux.Devices[0].Minor = 5;
        OciBundle.Output output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("$.linux.devices[0]", output.Error);
        Assert.Contains("another file is there", output.Error);
    }

    [Fact]
    public void An_empty_file_where_a_default_device_belongs_is_covered_by_the_machines()
    {
        using var bundle = new OciBundle("stat -c '%t:%T' /dev/null");
        bundle.Config.Mounts!.RemoveAll(m => m.Destination.StartsWith("/dev", StringComparison.Ordinal));
        File.WriteAllText(bundle.RootFs + "/dev/null", "");
        Assert.Equal("1:3\n", bundle.RunWell());
        Assert.Equal(0, new FileInfo(bundle.RootFs + "/dev/null").Length);
    }

    [Fact]
    public void In_a_dev_bound_from_the_machine_nothing_is_made()
    {
        string[] before = Directory.GetFileSystemEntries("/dev");
        using var bundle = new OciBundle("test -c /dev/null");
        bundle.Config.Mounts!.RemoveAll(m => m.Destination.StartsWith("/dev", StringComparison.Ordinal));
        bundle.Mount("/dev", "bind", "/dev", "rbind", "rprivate");
        bundle.Linux.Devices = [new RuntimeDevice { Path = "/dev/dockerps-test", Type = "c", Major = 1, Minor = 3 }];
        bundle.RunWell();
        Assert.Equal(before.Order(), Directory.GetFileSystemEntries("/dev").Order());
    }

    [Fact]
    public void Masked_paths_hide_files_directories_and_what_links_lead_to_and_missing_ones_do_not_matter()
    {
        using var bundle = new OciBundle("cat /secret/file | wc -c; ls -A /secret/dir | wc -l; cat /secret/link | wc -c; touch /secret/dir/x");
        Directory.CreateDirectory(bundle.RootFs + "/secret/dir");
        File.WriteAllText(bundle.RootFs + "/secret/file", "secret");
        File.WriteAllText(bundle.RootFs + "/secret/dir/inner", "secret");
        File.WriteAllText(bundle.RootFs + "/secret/target", "secret");
        File.CreateSymbolicLink(bundle.RootFs + "/secret/link", "target");
        bundle.Linux.MaskedPaths = ["/secret/file", "/secret/dir", "/secret/link", "/secret/nothing", "/secret/file/below"];
        OciBundle.Output output = bundle.Run();
        Assert.Equal("0\n0\n0\n", output.Out);
        Assert.Contains("Read-only file system", output.Error);
    }

    [Fact]
    public void Readonly_paths_take_no_write_with_all_that_is_mounted_below()
    {
        using var bundle = new OciBundle("touch /fixed/x; touch /fixed/inner/x; echo y > /single; cat /single; touch /free");
        Directory.CreateDirectory(bundle.RootFs + "/fixed/inner");
        File.WriteAllText(bundle.RootFs + "/single", "x\n");
        bundle.Mount("/fixed/inner", "tmpfs", "tmpfs");
        bundle.Linux.ReadonlyPaths = ["/fixed", "/single", "/nothing"];
        OciBundle.Output output = bundle.Run();
        Assert.Equal("x\n", output.Out);
        Assert.Equal(3, output.Error.Split("Read-only file system").Length - 1);
    }
}
