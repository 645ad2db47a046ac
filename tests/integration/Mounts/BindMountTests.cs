using DockerPS.Integration.Bundles;
using Xunit;

namespace DockerPS.Integration.Mounts;

/// <summary>Bind mounts of config.json with each of their options, as the container sees them.</summary>
public sealed class BindMountTests
{
    [Theory]
    [InlineData("ro", "ro")]
    [InlineData("nosuid", "nosuid")]
    [InlineData("nodev", "nodev")]
    [InlineData("noexec", "noexec")]
    [InlineData("noatime", "noatime")]
    [InlineData("nodiratime", "nodiratime")]
    [InlineData("relatime", "relatime")]
    [InlineData("nosymfollow", "nosymfollow")]
    public void A_flag_shows_on_the_mount(string option, string expected)
    {
        using var bundle = new OciBundle("grep ' /volume ' /proc/self/mountinfo | cut -d' ' -f6");
        bundle.Mount("/volume", "bind", bundle.MakeDirectory("volume"), "bind", option);
        Assert.Contains(expected, bundle.RunWell().Trim().Split(','));
    }

    [Theory]
    [InlineData("rw", "ro")]
    [InlineData("suid", "nosuid")]
    [InlineData("dev", "nodev")]
    [InlineData("exec", "noexec")]
    [InlineData("strictatime", "noatime")]
    [InlineData("symfollow", "nosymfollow")]
    public void An_opposite_takes_the_sources_flag_away_and_without_it_the_flag_stays(string option, string flag)
    {
        using var bundle = new OciBundle("grep -E ' /(kept|cleared) ' /proc/self/mountinfo | cut -d' ' -f5,6");
        string source = bundle.MakeDirectory("volume");
        bundle.MountOnHost(source, "-t", "tmpfs", "-o", flag, "tmpfs");
        bundle.Mount("/kept", "bind", source, "bind");
        bundle.Mount("/cleared", "bind", source, "bind", option);
        string[] lines = bundle.RunWell().Trim().Split('\n');
        Assert.Contains(flag, lines[0].Split(' ')[1].Split(','));
        Assert.DoesNotContain(flag, lines[1].Split(' ')[1].Split(','));
    }

    [Theory]
    [InlineData("rbind,ro", "ro", "rw")]
    [InlineData("rbind,rro", "ro", "ro")]
    [InlineData("rbind,rro,rw", "ro", "ro")]
    [InlineData("rbind,rnosuid", "nosuid", "nosuid")]
    [InlineData("rbind,rnodev", "nodev", "nodev")]
    [InlineData("rbind,rnoexec", "noexec", "noexec")]
    [InlineData("rbind,rnoatime", "noatime", "noatime")]
    [InlineData("rbind,rnodiratime", "nodiratime", "nodiratime")]
    [InlineData("rbind,rnosymfollow", "nosymfollow", "nosymfollow")]
    [InlineData("rbind,noexec,rexec", "rw", "rw")]
    public void Recursive_attributes_reach_the_mounts_below_and_plain_ones_do_not(string options, string top, string below)
    {
        using var bundle = new OciBundle("grep -E ' /volume' /proc/self/mountinfo | cut -d' ' -f5,6");
        string source = bundle.MakeDirectory("volume");
        Directory.CreateDirectory(source + "/below");
        bundle.MountOnHost(source + "/below", "-t", "tmpfs", "tmpfs");
        bundle.Mount("/volume", "bind", source, options.Split(','));
        string[] lines = bundle.RunWell().Trim().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains(top, lines[0].Split(' ')[1].Split(','));
        Assert.Contains(below, lines[1].Split(' ')[1].Split(','));
    }

    [Fact]
    public void An_option_for_file_systems_does_not_hinder_a_bind_and_is_told_and_an_unknown_word_is_refused()
    {
        using var bundle = new OciBundle("cat /v/f");
        string directory = bundle.MakeDirectory("data");
        File.WriteAllText(directory + "/f", "data\n");
        DockerPS.Oci.RuntimeSpec.RuntimeMount mount = bundle.Mount("/v", "bind", directory, "bind", "mode=755", "ro");
        OciBundle.Output output = bundle.Run();
        Assert.Equal((0, "data\n"), (output.ExitCode, output.Out));
        Assert.Contains(".options[1]: 'mode=755' is passed over", output.Error);
        mount.Options = ["bind", "nosiud"];
        output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains(".options[1]: 'nosiud' is no option of a bind mount", output.Error);
    }

    [Fact]
    public void A_plain_bind_leaves_the_mounts_below_out()
    {
        using var bundle = new OciBundle("ls /volume/below");
        string source = bundle.MakeDirectory("volume");
        Directory.CreateDirectory(source + "/below");
        bundle.MountOnHost(source + "/below", "-t", "tmpfs", "tmpfs");
        File.WriteAllText(source + "/below/file", "");
        bundle.Mount("/volume", "bind", source, "bind");
        Assert.Equal("", bundle.RunWell());
    }

    [Fact]
    public void A_remount_changes_attributes_of_an_earlier_mount()
    {
        using var bundle = new OciBundle("grep ' /volume ' /proc/self/mountinfo | cut -d' ' -f6; touch /volume/x");
        bundle.Mount("/volume", "bind", bundle.MakeDirectory("volume"), "bind", "nosuid");
        bundle.Mount("/volume", "bind", "none", "bind", "remount", "ro");
        OciBundle.Output output = bundle.Run();
        Assert.Contains("ro", output.Out.Trim().Split(','));
        Assert.Contains("nosuid", output.Out.Trim().Split(','));
        Assert.Contains("Read-only file system", output.Error);
    }

    [Fact]
    public void A_relative_source_is_below_the_bundle_and_targets_are_made_when_missing()
    {
        using var bundle = new OciBundle("cat /made/by/runtime/file; test -f /made/single && test ! -s /made/single && ls -d /made/by");
        Directory.CreateDirectory(bundle.MakeDirectory("volume"));
        File.WriteAllText(bundle.Root + "/volume/file", "relative\n");
        File.WriteAllText(bundle.Root + "/single", "");
        bundle.Mount("/made/by/runtime", "bind", "volume", "bind");
        bundle.Mount("/made/single", "bind", "single", "bind");
        Assert.Equal("relative\n/made/by\n", bundle.RunWell());
    }

    [Fact]
    public void A_link_that_leads_nowhere_yet_is_followed_below_the_root()
    {
        using var bundle = new OciBundle("readlink /etc/resolv.conf; cat /run/systemd/resolve/stub");
        File.CreateSymbolicLink(bundle.RootFs + "/etc/resolv.conf", "../run/systemd/resolve/stub");
        File.WriteAllText(bundle.Root + "/resolv", "nameserver 192.0.2.1\n");
        bundle.Mount("/etc/resolv.conf", "bind", bundle.Root + "/resolv", "bind");
        Assert.Equal("../run/systemd/resolve/stub\nnameserver 192.0.2.1\n", bundle.RunWell());
        Assert.True(File.Exists(bundle.RootFs + "/run/systemd/resolve/stub"));
    }

    [Theory]
    [InlineData("rslave", true)]
    [InlineData("rprivate", false)]
    public void What_the_machine_mounts_reaches_a_slave_and_no_private_mount(string propagation, bool reaches)
    {
        using var bundle = new OciBundle("sleep 1000");
        string source = bundle.MakeDirectory("volume");
        bundle.MountOnHost(source, "--bind", source);
        Assert.Equal(0, OciBundle.Start("mount", ["--make-rshared", source]).ExitCode);
        Directory.CreateDirectory(source + "/later");
        bundle.Mount("/volume", "bind", source, "rbind", propagation);
        bundle.StartDetached();
        bundle.MountOnHost(source + "/later", "-t", "tmpfs", "tmpfs");
        Assert.Equal(reaches, bundle.Exec("grep -c ' /volume/later ' /proc/self/mountinfo").Out.Trim() == "1");
    }

    [Fact]
    public void A_shared_volume_carries_mounts_to_the_machine_when_the_root_is_shared()
    {
        using var bundle = new OciBundle("mount -t tmpfs tmpfs /volume/inner && sleep 1000");
        string source = bundle.MakeDirectory("volume");
        bundle.MountOnHost(source, "--bind", source);
        Assert.Equal(0, OciBundle.Start("mount", ["--make-rshared", source]).ExitCode);
        Directory.CreateDirectory(source + "/inner");
        Allow(bundle, "CAP_SYS_ADMIN");
        bundle.Linux.RootfsPropagation = "rshared";
        bundle.Mount("/volume", "bind", source, "rbind", "rshared");
        bundle.Mount("/private", "bind", source, "rbind", "rprivate");
        bundle.StartDetached();
        Assert.True(SpinWait.SpinUntil(() => IsMounted(source + "/inner"), TimeSpan.FromSeconds(20)));
        Assert.Equal("0", bundle.Exec("grep -c ' /private/inner ' /proc/self/mountinfo").Out.Trim());
        // Nothing of the container's own mounts shows on the machine.
        Assert.DoesNotContain(bundle.RootFs + "/", File.ReadAllText("/proc/self/mountinfo"));
        Assert.Equal(0, OciBundle.Start("umount", [source + "/inner"]).ExitCode);
    }

    [Fact]
    public void Several_changes_of_propagation_apply_in_their_order()
    {
        using var bundle = new OciBundle("grep ' /volume ' /proc/self/mountinfo");
        string source = bundle.MakeDirectory("volume");
        bundle.MountOnHost(source, "--bind", source);
        Assert.Equal(0, OciBundle.Start("mount", ["--make-rshared", source]).ExitCode);
        bundle.Mount("/volume", "bind", source, "bind", "slave", "shared");
        string line = bundle.RunWell();
        Assert.Contains("master:", line);
        Assert.Contains("shared:", line);
    }

    [Fact]
    public void A_bind_takes_no_option_that_nobody_knows()
    {
        using var bundle = new OciBundle();
        bundle.Mount("/volume", "bind", bundle.MakeDirectory("volume"), "bind", "frobnicate");
        OciBundle.Output output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("$.mounts[4].options[1]: 'frobnicate'", output.Error);
    }

    [Fact]
    public void A_source_that_is_missing_is_named()
    {
        using var bundle = new OciBundle();
        bundle.Mount("/volume", "bind", bundle.Root + "/nowhere", "bind");
        OciBundle.Output output = bundle.Run();
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("$.mounts[4].source", output.Error);
        Assert.Contains(bundle.Root + "/nowhere", output.Error);
    }

    internal static void Allow(OciBundle bundle, params string[] capabilities)
    {
        foreach (List<string>? set in (List<string>?[])[bundle.Config.Process!.Capabilities!.Bounding])
            set!.AddRange(capabilities);
    }

    internal static bool IsMounted(string path) => File.ReadAllText("/proc/self/mountinfo").Contains($" {path} ", StringComparison.Ordinal);
}
