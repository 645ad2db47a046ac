using DockerPS.Linux;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Steps;
using Xunit;

namespace DockerPS.Units.Runtime;

public class MountOptionsTests
{
    private static MountOptions Parse(string options) => MountOptions.Parse(options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "$.mounts[0].options");

    [Theory]
    [InlineData("ro", LibC.MS_RDONLY, 0UL, LibC.MOUNT_ATTR_RDONLY, 0UL)]
    [InlineData("rw", 0UL, LibC.MS_RDONLY, 0UL, LibC.MOUNT_ATTR_RDONLY)]
    [InlineData("nosuid", LibC.MS_NOSUID, 0UL, LibC.MOUNT_ATTR_NOSUID, 0UL)]
    [InlineData("suid", 0UL, LibC.MS_NOSUID, 0UL, LibC.MOUNT_ATTR_NOSUID)]
    [InlineData("nodev", LibC.MS_NODEV, 0UL, LibC.MOUNT_ATTR_NODEV, 0UL)]
    [InlineData("dev", 0UL, LibC.MS_NODEV, 0UL, LibC.MOUNT_ATTR_NODEV)]
    [InlineData("noexec", LibC.MS_NOEXEC, 0UL, LibC.MOUNT_ATTR_NOEXEC, 0UL)]
    [InlineData("exec", 0UL, LibC.MS_NOEXEC, 0UL, LibC.MOUNT_ATTR_NOEXEC)]
    [InlineData("nodiratime", LibC.MS_NODIRATIME, 0UL, LibC.MOUNT_ATTR_NODIRATIME, 0UL)]
    [InlineData("nosymfollow", LibC.MS_NOSYMFOLLOW, 0UL, LibC.MOUNT_ATTR_NOSYMFOLLOW, 0UL)]
    [InlineData("symfollow", 0UL, LibC.MS_NOSYMFOLLOW, 0UL, LibC.MOUNT_ATTR_NOSYMFOLLOW)]
    [InlineData("sync", LibC.MS_SYNCHRONOUS, 0UL, 0UL, 0UL)]
    [InlineData("dirsync", LibC.MS_DIRSYNC, 0UL, 0UL, 0UL)]
    [InlineData("mand", LibC.MS_MANDLOCK, 0UL, 0UL, 0UL)]
    [InlineData("silent", LibC.MS_SILENT, 0UL, 0UL, 0UL)]
    [InlineData("loud", 0UL, LibC.MS_SILENT, 0UL, 0UL)]
    [InlineData("iversion", LibC.MS_I_VERSION, 0UL, 0UL, 0UL)]
    [InlineData("lazytime", LibC.MS_LAZYTIME, 0UL, 0UL, 0UL)]
    [InlineData("nolazytime", 0UL, LibC.MS_LAZYTIME, 0UL, 0UL)]
    [InlineData("ro rw", 0UL, LibC.MS_RDONLY, 0UL, LibC.MOUNT_ATTR_RDONLY)]
    [InlineData("rw ro", LibC.MS_RDONLY, 0UL, LibC.MOUNT_ATTR_RDONLY, 0UL)]
    [InlineData("defaults", 0UL, 0UL, 0UL, 0UL)]
    public void A_word_is_a_flag_for_mount_and_an_attribute_for_mount_setattr(string option, ulong flags, ulong cleared, ulong set, ulong clear)
    {
        MountOptions options = Parse(option);
        Assert.Equal((flags, cleared, set, clear), (options.Flags, options.Cleared, options.Set, options.Clear));
        Assert.Null(options.Data);
    }

    [Theory]
    [InlineData("noatime", LibC.MOUNT_ATTR_NOATIME)]
    [InlineData("strictatime", LibC.MOUNT_ATTR_STRICTATIME)]
    [InlineData("relatime", 0UL)]
    [InlineData("atime", 0UL)]
    [InlineData("noatime strictatime", LibC.MOUNT_ATTR_STRICTATIME)]
    [InlineData("strictatime nostrictatime", 0UL)]
    public void Access_times_are_one_field_that_is_cleared_before_it_is_set(string option, ulong set)
    {
        MountOptions options = Parse(option);
        Assert.Equal(set, options.Set);
        Assert.Equal(LibC.MOUNT_ATTR_ATIME, options.Clear);
    }

    [Theory]
    [InlineData("rro", LibC.MOUNT_ATTR_RDONLY, 0UL)]
    [InlineData("rrw", 0UL, LibC.MOUNT_ATTR_RDONLY)]
    [InlineData("rnosuid rnodev rnoexec", LibC.MOUNT_ATTR_NOSUID | LibC.MOUNT_ATTR_NODEV | LibC.MOUNT_ATTR_NOEXEC, 0UL)]
    [InlineData("rsuid rdev rexec", 0UL, LibC.MOUNT_ATTR_NOSUID | LibC.MOUNT_ATTR_NODEV | LibC.MOUNT_ATTR_NOEXEC)]
    [InlineData("rnodiratime rnosymfollow", LibC.MOUNT_ATTR_NODIRATIME | LibC.MOUNT_ATTR_NOSYMFOLLOW, 0UL)]
    [InlineData("rdiratime rsymfollow", 0UL, LibC.MOUNT_ATTR_NODIRATIME | LibC.MOUNT_ATTR_NOSYMFOLLOW)]
    [InlineData("rrelatime", 0UL, LibC.MOUNT_ATTR_ATIME)]
    [InlineData("rnoatime", LibC.MOUNT_ATTR_NOATIME, LibC.MOUNT_ATTR_ATIME)]
    [InlineData("ratime", 0UL, LibC.MOUNT_ATTR_ATIME)]
    [InlineData("rstrictatime", LibC.MOUNT_ATTR_STRICTATIME, LibC.MOUNT_ATTR_ATIME)]
    [InlineData("rnostrictatime", 0UL, LibC.MOUNT_ATTR_ATIME)]
    [InlineData("rnoatime rstrictatime", LibC.MOUNT_ATTR_STRICTATIME, LibC.MOUNT_ATTR_ATIME)]
    [InlineData("rro rrw", 0UL, LibC.MOUNT_ATTR_RDONLY)]
    [InlineData("rrw rro", LibC.MOUNT_ATTR_RDONLY, 0UL)]
    public void Recursive_attributes_are_kept_apart_from_those_of_the_mount_itself(string option, ulong set, ulong clear)
    {
        MountOptions options = Parse(option);
        Assert.Equal((set, clear), (options.RecursiveSet, options.RecursiveClear));
        Assert.Equal((0UL, 0UL, 0UL, 0UL), (options.Flags, options.Cleared, options.Set, options.Clear));
    }

    [Theory]
    [InlineData("private", 0x02UL)]
    [InlineData("rprivate", 0x12UL)]
    [InlineData("slave", 0x03UL)]
    [InlineData("rshared", 0x14UL)]
    [InlineData("runbindable", 0x11UL)]
    [InlineData("rslave shared", 0x0413UL)]
    [InlineData("private rslave rshared", 0x141302UL)]
    public void Changes_of_propagation_keep_their_order(string option, ulong packed) => Assert.Equal(packed, Parse(option).Propagation);

    [Fact]
    public void More_than_eight_changes_of_propagation_are_refused()
    {
        RuntimeFailureException refused = Assert.Throws<RuntimeFailureException>(
            () => Parse("private private private private private private private private private"));
        Assert.Contains("$.mounts[0].options[8]", refused.Message);
    }

    [Fact]
    public void What_nobody_knows_goes_to_the_file_system_with_its_place()
    {
        MountOptions options = Parse("nosuid size=64k mode=755 ro context=x");
        Assert.Equal("size=64k,mode=755,context=x", options.Data);
    }

    [Theory]
    [InlineData("bind", true, false, false, false, false, false)]
    [InlineData("rbind", true, true, false, false, false, false)]
    [InlineData("remount", false, false, true, false, false, false)]
    [InlineData("tmpcopyup", false, false, false, true, false, false)]
    [InlineData("idmap", false, false, false, false, true, false)]
    [InlineData("ridmap", false, false, false, false, true, true)]
    public void Words_that_say_how_to_mount(string option, bool bind, bool recursive, bool remount, bool copy, bool mapped, bool mappedAll)
    {
        MountOptions options = Parse(option);
        Assert.Equal(
            (bind, recursive, remount, copy, mapped, mappedAll),
            (options.Bind, options.Recursive, options.Remount, options.CopyUp, options.IdMapped, options.IdMappedRecursively));
    }
}
