using DockerPS.Oci.Bundle;
using Xunit;

namespace DockerPS.Integration.Layers;

public sealed class ArchiveTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-archive-").FullName;

    public ArchiveTests() => _ = RuntimeExecutable.Path;

    public void Dispose() => LayerVerb.Shell($"umount {_directory}/in/deep 2>/dev/null || true; rm -rf {_directory}");

    private LayerVerb Write(string output, params ArchiveEntry[] entries) => LayerVerb.Run(
        "archive", new ArchiveRequest { Output = Path.Combine(_directory, output), Entries = [.. entries] }, BundleJson.Default.ArchiveRequest);

    [Fact]
    public void The_same_files_give_the_same_bytes_and_unpack_to_the_same_tree()
    {
        LayerVerb.Shell($"""
            mkdir -p {_directory}/in/z/y {_directory}/out; cd {_directory}/in
            echo one > z/one; ln z/one a-hard; ln -s nowhere l; mkfifo p; mknod n c 1 3; chmod 4711 z/one; chown 5:3000000 z; chmod 2770 z/y
            touch -d '2001-02-03 04:05:06.25' z/one; printf x > "$(printf 'b\377')"; printf y > {new string('n', 200)}
            """);
        var tree = new ArchiveEntry { Name = "", Source = _directory + "/in", Recursive = true };
        ArchiveResult first = Write("1.tar", tree).Result(BundleJson.Default.ArchiveResult);
        ArchiveResult second = Write("2.tar", tree).Result(BundleJson.Default.ArchiveResult);
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(LayerVerb.Shell($"sha256sum {_directory}/1.tar")[..64], first.Digest[7..]);
        Assert.Equal(new FileInfo(_directory + "/1.tar").Length, first.Length);
        LayerVerb.Shell($"tar -xpf {_directory}/1.tar -C {_directory}/out");
        const string list = "find . -mindepth 1 -printf '%P %y %M %U %G %n %l %T@\\n' | LC_ALL=C sort";
        Assert.Equal(LayerVerb.Shell($"cd {_directory}/in; {list}"), LayerVerb.Shell($"cd {_directory}/out; {list}"));
    }

    [Fact]
    public void What_is_made_up_gets_parents_and_followed_links_become_files()
    {
        LayerVerb.Shell($"echo real > {_directory}/real; ln -s real {_directory}/link");
        LayerVerb verb = Write("a.tar", new ArchiveEntry { Name = "etc/group", Content = "root:x:0:\n"u8.ToArray() },
            new ArchiveEntry { Name = "bin/tool", Source = _directory + "/link", Follow = true, Mode = 0x1ED, ModifiedAt = 0 },
            new ArchiveEntry { Name = "bin/alias", LinkTarget = "tool" });
        Assert.Equal(0, verb.ExitCode);
        Assert.Equal("bin/\nbin/alias\nbin/tool\netc/\netc/group\n", LayerVerb.Shell($"tar -tf {_directory}/a.tar"));
        Assert.Equal("real\n", LayerVerb.Shell($"tar -xOf {_directory}/a.tar bin/tool"));
    }

    [Fact]
    public void A_source_that_is_missing_fails_with_its_path_and_leaves_nothing()
    {
        LayerVerb verb = Write("a.tar", new ArchiveEntry { Name = "x", Source = _directory + "/missing" });
        Assert.Equal((RuntimeStages.Archive, 2), (verb.Failure.Stage, verb.Failure.Errno));
        Assert.Contains(_directory + "/missing", verb.Failure.Text);
        Assert.False(File.Exists(_directory + "/a.tar"));
    }

    [Fact]
    public void A_tree_is_removed_whatever_its_depth_and_names_but_not_through_links_and_mounts()
    {
        LayerVerb.Shell($"""
            mkdir {_directory}/in; mkdir -p {_directory}/kept/x; cd {_directory}/in; ln -s {_directory}/kept link; printf x > "$(printf 'b\377')"
            i=0; while [ $i -lt 3000 ]; do mkdir d; cd -P d; i=$((i + 1)); done
            """);
        using (var removal = LayerVerb.Start("remove-tree", _directory + "/in")) Assert.Equal(0, LayerVerb.Finish(removal).ExitCode);
        Assert.False(Directory.Exists(_directory + "/in"));
        Assert.True(Directory.Exists(_directory + "/kept/x"));
        using (var again = LayerVerb.Start("remove-tree", _directory + "/in")) Assert.Equal(0, LayerVerb.Finish(again).ExitCode);

        LayerVerb.Shell($"mkdir -p {_directory}/in/deep; mount --bind {_directory}/kept {_directory}/in/deep");
        using (var mounted = LayerVerb.Start("remove-tree", _directory + "/in"))
        {
            LayerVerb verb = LayerVerb.Finish(mounted);
            Assert.Equal((1, 16), (verb.ExitCode, verb.Failure.Errno));
        }
        Assert.True(Directory.Exists(_directory + "/kept/x"));
    }
}
