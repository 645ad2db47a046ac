using Xunit;

namespace DockerPS.Units.Values;

public class ContainerMountTests
{
    [Fact]
    public void A_tmpfs_may_take_a_share_of_memory() => Assert.Equal("/x:size=50%", ContainerMount.ParseTmpfs("/x:size=50%").ToString());

    [Theory]
    [InlineData("/host:/in", "/host", "/in", false, null)]
    [InlineData("/host:/in:ro", "/host", "/in", true, null)]
    [InlineData("/host:/in:ro,rshared", "/host", "/in", true, "rshared")]
    [InlineData("/host:/in:rw,slave", "/host", "/in", false, "slave")]
    [InlineData("./data:/in", "./data", "/in", false, null)]
    [InlineData("/a=b:/c", "/a=b", "/c", false, null)]
    public void Short_form_of_a_path_is_a_bind_that_makes_its_source(
        string text, string source, string target, bool readOnly, string? propagation)
    {
        ContainerMount mount = ContainerMount.Parse(text);
        Assert.Equal(ContainerMountType.Bind, mount.Type);
        Assert.Equal((source, target, readOnly, propagation), (mount.Source, mount.Target, mount.ReadOnly, mount.Propagation));
        Assert.True(mount.CreateSource);
    }

    [Theory]
    [InlineData("data:/in", "data")]
    [InlineData("/in", "")]
    public void Short_form_without_a_path_is_a_volume(string text, string source)
    {
        ContainerMount mount = ContainerMount.Parse(text);
        Assert.Equal((ContainerMountType.Volume, source, "/in"), (mount.Type, mount.Source, mount.Target));
    }

    [Fact]
    public void Labelling_options_are_kept_and_bind_is_not_recursive()
    {
        ContainerMount mount = ContainerMount.Parse("/host:/in:Z,bind,noexec");
        Assert.Equal(["Z", "noexec"], mount.Options);
        Assert.True(mount.NonRecursive);
    }

    [Theory]
    [InlineData("type=bind,source=/a,target=/b", false)]
    [InlineData("type=bind,src=/a,dst=/b,readonly", true)]
    [InlineData("type=bind,src=/a,destination=/b,ro=true", true)]
    [InlineData("source=/a,target=/b,readonly=false", false)]
    public void Long_form_of_a_bind(string text, bool readOnly)
    {
        ContainerMount mount = ContainerMount.Parse(text);
        Assert.Equal((ContainerMountType.Bind, "/a", "/b", readOnly), (mount.Type, mount.Source, mount.Target, mount.ReadOnly));
        Assert.False(mount.CreateSource);
    }

    [Fact]
    public void Long_form_takes_propagation_and_recursion()
    {
        ContainerMount mount = ContainerMount.Parse("type=bind,src=/a,dst=/b,bind-propagation=rslave,bind-nonrecursive");
        Assert.Equal(("rslave", true), (mount.Propagation, mount.NonRecursive));
    }

    [Theory]
    [InlineData("enabled,readonly", false, false)]
    [InlineData("readonly,readonly,bind-propagation=rprivate", false, false)]
    [InlineData("disabled,readonly", true, false)]
    [InlineData("disabled", true, false)]
    [InlineData("writable,readonly", false, true)]
    public void Long_form_tells_what_becomes_of_the_mounts_below(string option, bool nonRecursive, bool readOnlyNonRecursive)
    {
        ContainerMount mount = ContainerMount.Parse("type=bind,src=/a,dst=/b,bind-recursive=" + option);
        Assert.Equal((nonRecursive, readOnlyNonRecursive), (mount.NonRecursive, mount.ReadOnlyNonRecursive));
    }

    [Theory]
    [InlineData("writable")]
    [InlineData("readonly")]
    [InlineData("readonly,readonly,bind-propagation=rshared")]
    [InlineData("sometimes,readonly")]
    public void A_recursion_that_cannot_hold_is_refused(string option) =>
        Assert.Throws<FormatException>(() => ContainerMount.Parse("type=bind,src=/a,dst=/b,bind-recursive=" + option));

    [Theory]
    [InlineData("ro", false)]
    [InlineData("rro", false)]
    [InlineData("ro-non-recursive", true)]
    public void Short_form_is_read_only_with_what_is_mounted_below(string option, bool nonRecursive)
    {
        ContainerMount mount = ContainerMount.Parse("/a:/b:" + option);
        Assert.Equal((true, nonRecursive), (mount.ReadOnly, mount.ReadOnlyNonRecursive));
        Assert.Equal(mount.ToString(), ContainerMount.Parse(mount.ToString()).ToString());
    }

    [Fact]
    public void Long_form_of_a_tmpfs_takes_size_and_octal_mode()
    {
        ContainerMount mount = ContainerMount.Parse("type=tmpfs,target=/x,tmpfs-size=64m,tmpfs-mode=1770");
        Assert.Equal((ContainerMountType.Tmpfs, "/x", new ByteSize(64L << 20), 0x3F8),
            (mount.Type, mount.Target, mount.TmpfsSize!.Value, mount.TmpfsMode!.Value));
    }

    [Fact]
    public void Tmpfs_form_keeps_other_options()
    {
        ContainerMount mount = ContainerMount.ParseTmpfs("/run:size=1g,mode=755,noexec,ro");
        Assert.Equal((ContainerMountType.Tmpfs, "/run", 1L << 30, 0x1ED, true),
            (mount.Type, mount.Target, mount.TmpfsSize!.Value.Bytes, mount.TmpfsMode!.Value, mount.ReadOnly));
        Assert.Equal(["noexec"], mount.Options);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/host:")]
    [InlineData("/host:relative")]
    [InlineData("/host:/")]
    [InlineData("/host:/in:sometimes")]
    [InlineData("/host:/in:ro:rw")]
    [InlineData("type=bind,target=/b")]
    [InlineData("type=bind,source=/a")]
    [InlineData("type=cloud,source=/a,target=/b")]
    [InlineData("type=tmpfs,source=/a,target=/b")]
    [InlineData("type=tmpfs,target=/x,tmpfs-mode=9")]
    [InlineData("type=tmpfs,target=/x,tmpfs-size=much")]
    [InlineData("type=bind,src=/a,dst=/b,bind-propagation=up")]
    [InlineData("type=bind,src=/a,dst=/b,colour=red")]
    [InlineData("type=bind,src=/a,dst=/b,readonly=maybe")]
    public void What_is_no_mount_is_told(string text) => Assert.Throws<FormatException>(() => ContainerMount.Parse(text));

    [Fact]
    public void Long_form_has_volumes_with_options_that_hold_commas()
    {
        ContainerMount mount = ContainerMount.Parse(
            "type=volume,source=cache,target=/c,volume-subpath=a/b,volume-nocopy,volume-label=x=y,volume-driver=local,volume-opt=type=tmpfs,\"volume-opt=o=size=8m,mode=700\"");
        Assert.Equal((ContainerMountType.Volume, "cache", "a/b"), (mount.Type, mount.Source, mount.Subpath));
        Assert.Equal(("y", "tmpfs", "size=8m,mode=700"), (mount.VolumeLabels!["x"], mount.VolumeOptions!["type"], mount.VolumeOptions["o"]));
        Assert.Equal(["nocopy"], mount.Options);
    }

    [Theory]
    [InlineData("type=image,source=busybox:1,target=/i", true)]
    [InlineData("type=image,source=busybox:1,target=/i,rw=true", false)]
    [InlineData("type=image,source=busybox:1,target=/i,readonly=false,image-subpath=bin", false)]
    public void An_images_tree_is_read_only_unless_asked(string text, bool readOnly)
    {
        ContainerMount mount = ContainerMount.Parse(text);
        Assert.Equal((ContainerMountType.Image, "busybox:1", readOnly), (mount.Type, mount.Source, mount.ReadOnly));
    }

    [Theory]
    [InlineData("type=bind,source=/a,target=/b,volume-subpath=x")]
    [InlineData("type=tmpfs,target=/b,volume-label=x")]
    [InlineData("type=image,target=/b")]
    [InlineData("type=volume,target=/b,volume-driver=other")]
    [InlineData("type=volume,target=/b,\"volume-opt=o=x")]
    public void What_belongs_to_another_kind_is_refused(string text) => Assert.Throws<FormatException>(() => ContainerMount.Parse(text));

    [Fact]
    public void A_missing_source_is_made_on_request() =>
        Assert.True(ContainerMount.Parse("type=bind,source=/a,target=/b,bind-create-src").CreateSource);
}
