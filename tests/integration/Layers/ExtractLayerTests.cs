using System.Diagnostics;
using System.Formats.Tar;
using System.Text.Json;
using DockerPS.Oci.Bundle;
using Xunit;

namespace DockerPS.Integration.Layers;

public sealed class ExtractLayerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-layers-").FullName;

    private string Blob => Path.Combine(_directory, "blob");
    private string Target => Path.Combine(_directory, "target");

    public ExtractLayerTests() => _ = RuntimeExecutable.Path;

    public void Dispose() => LayerVerb.Shell($"umount {_directory}/small 2>/dev/null || true; rm -rf {_directory}");

    [Theory]
    [InlineData("")]
    [InlineData("--gzip")]
    [InlineData("--zstd")]
    public void A_tree_with_every_kind_of_file_comes_out_as_tar_makes_it(string compression)
    {
        LayerVerb.Shell($"""
            mkdir -p {_directory}/in/d/e {_directory}/expected; cd {_directory}/in
            echo hello > d/file; ln d/file hard; ln -s d/file soft; ln -s /abs/olute absolute; mkfifo pipe; mknod null c 1 3; mknod disk b 7 0
            chmod 4755 d/file; chmod 2775 d/e; chmod 1777 d; chown 70000:80000 d/e; touch -d '2001-02-03 04:05:06.789' d/e d/file
            head -c 3000000 /dev/urandom > big; truncate -s 5M sparse; printf end >> sparse; printf x > "$(printf 'bad\377name')"
            mkdir -p {string.Join('/', Enumerable.Repeat("long-directory-name", 12))}
            tar --format=pax --xattrs --xattrs-include='*' -S {compression} -cf {Blob} .
            tar --xattrs --xattrs-include='*' -xpf {Blob} -C {_directory}/expected
            """);
        LayerVerb verb = Extract();
        Assert.Equal(0, verb.ExitCode);
        LayerResult result = verb.Result(BundleJson.Default.LayerResult);
        Assert.Equal(LayerVerb.Shell($"cat {Blob} | ({(compression == "" ? "cat" : compression[2..] + " -dc")}) | sha256sum")[..64], result.DiffId[7..]);
        string list = "find . -printf '%P %y %M %U %G %s %n %l %T@\\n' | LC_ALL=C sort; find . -type f -exec sha256sum {} + | LC_ALL=C sort";
        Assert.Equal(LayerVerb.Shell($"cd {_directory}/expected; {list}"), LayerVerb.Shell($"cd {Target}; {list}"));
        Assert.True(long.Parse(LayerVerb.Shell($"stat -c %b {Target}/sparse")) < 1000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mount -t tmpfs -o size=64m tmpfs")]
    public void Large_files_of_any_length_are_written_whole(string mount)
    {
        string small = Path.Combine(_directory, "small");
        Directory.CreateDirectory(small);
        if (mount.Length > 0) LayerVerb.Shell($"{mount} {small}");
        int[] lengths = [(512 << 10) - 1, 512 << 10, (512 << 10) + 1, 1 << 20, (1 << 20) + 4095, (1 << 20) + 4096, (3 << 20) - 511, (2 << 20) + 12345];
        var random = new Random(7);
        using (var tar = new TarWriter(File.Create(Blob), TarEntryFormat.Ustar))
            foreach (int length in lengths)
            {
                byte[] content = new byte[length];
                random.NextBytes(content);
                File.WriteAllBytes(Path.Combine(_directory, $"f{length}"), content);
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"f{length}") { DataStream = new MemoryStream(content) });
            }
        string target = Path.Combine(small, "target");
        Assert.Equal(0, Extract(r => r.Target = target).ExitCode);
        foreach (int length in lengths)
            Assert.True(File.ReadAllBytes(Path.Combine(_directory, $"f{length}")).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(target, $"f{length}"))),
                $"the file of {length} bytes is another");
    }

    [Fact]
    public void Whiteouts_become_overlays_and_spare_what_the_layer_itself_brings()
    {
        Make(("gone/.wh.file", '0', ""), ("open/.wh..wh..opq", '0', ""), ("kept", '0', ""), (".wh.kept", '0', ""),
            (".wh.again", '0', ""), ("again/", '5', ""), (".wh..wh.plnk", '5', ""));
        Assert.Equal(0, Extract().ExitCode);
        Assert.Equal("character special file 0 0", LayerVerb.Shell($"stat -c '%F %t %T' {Target}/gone/file").Trim());
        Assert.Equal("regular empty file", LayerVerb.Shell($"stat -c %F {Target}/kept").Trim());
        Assert.Equal("y"u8, ExtendedAttributes.Get($"{Target}/open", "trusted.overlay.opaque"));
        Assert.Equal("y"u8, ExtendedAttributes.Get($"{Target}/again", "trusted.overlay.opaque"));
        Assert.Equal(["again", "gone", "kept", "open"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Without_overlay_whiteouts_delete_what_was_there()
    {
        LayerVerb.Shell($"mkdir -p {Target}/d/sub {Target}/o; touch {Target}/d/old {Target}/d/stays {Target}/o/old");
        Make(("d/.wh.old", '0', ""), ("d/.wh.sub", '0', ""), ("o/new", '0', ""), ("o/.wh..wh..opq", '0', ""));
        Assert.Equal(0, Extract(r => r.OverlayWhiteouts = false).ExitCode);
        Assert.Equal(".\n./d\n./d/stays\n./o\n./o/new\n", LayerVerb.Shell($"cd {Target}; find . | LC_ALL=C sort"));
    }

    [Fact]
    public void A_hard_links_header_is_applied_to_the_file_as_docker_does()
    {
        using (var tar = new TarWriter(File.Create(Blob), TarEntryFormat.Pax))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "file") { Mode = UnixFileMode.UserRead, Uid = 1, Gid = 2 });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "link")
            {
                LinkName = "file", Mode = UnixFileMode.SetUser | UnixFileMode.UserExecute | UnixFileMode.OtherRead, Uid = 3, Gid = 4,
                ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1296705906),
            });
        }

        Assert.Equal(0, Extract().ExitCode);
        foreach (string name in (string[])["file", "link"])
            Assert.Equal("3 4 4104 2 1296705906", LayerVerb.Shell($"stat -c '%u %g %a %h %Y' {Target}/{name}").Trim());
    }

    [Fact]
    public void A_hard_link_with_the_files_own_owner_leaves_its_capabilities()
    {
        // cap_net_raw, permitted and effective, as the kernel stores it.
        const string netRaw = "\u0001\0\0\u0002\0\u0020\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        using (var tar = new TarWriter(File.Create(Blob), TarEntryFormat.Pax))
        {
            var attributes = new Dictionary<string, string> { ["SCHILY.xattr.security.capability"] = netRaw };
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "file", attributes) { Mode = UnixFileMode.UserRead, Uid = 5, Gid = 5 });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "link") { LinkName = "file", Mode = UnixFileMode.UserRead, Uid = 5, Gid = 5 });
        }

        Assert.Equal(0, Extract().ExitCode);
        Assert.Contains("security.capability", ExtendedAttributes.Names($"{Target}/link"));
    }

    [Fact]
    public void Of_two_entries_with_one_name_the_later_wins()
    {
        Make(("a/x", '0', ""), ("a", '0', ""), ("l", '2', "/etc"), ("l/", '5', ""), ("l/f", '0', ""), ("f", '0', ""), ("f", '2', "a"));
        Assert.Equal(0, Extract().ExitCode);
        Assert.Equal("regular empty file\ndirectory\nsymbolic link\n", LayerVerb.Shell($"cd {Target}; stat -c %F a l f"));
        Assert.True(File.Exists($"{Target}/l/f"));
    }

    [Fact]
    public void Links_lead_no_further_than_the_layers_root()
    {
        string outside = Path.Combine(_directory, "outside");
        Directory.CreateDirectory(outside);
        string dots = string.Concat(Enumerable.Repeat("../", 20));
        Make(("up", '2', dots + outside), ("up/through", '0', ""), ("abs", '2', outside), ("abs/through", '0', ""), ("lib", '2', "usr/lib"), ("lib/x", '0', ""));
        Assert.Equal(0, Extract().ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.True(File.Exists(Target + outside + "/through"));
        Assert.True(File.Exists(Target + "/usr/lib/x"));
    }

    [Theory]
    [InlineData("../x", '0', "", "'../x' reaches outside the layer")]
    [InlineData("a/../../x", '0', "", "reaches outside the layer")]
    [InlineData("h", '1', "../../etc/passwd", "reaches outside the layer")]
    [InlineData("h", '1', "etc/passwd", "not in the layer")]
    [InlineData(".", '0', "", "replace the layer's root")]
    [InlineData("d/.wh...", '0', "", "names nothing")]
    [InlineData("n/x/y/1", '0', "", "where a directory is needed")]
    public void A_hostile_entry_is_refused_and_nothing_is_left(string name, char type, string link, string reason)
    {
        Make(("n/x", '0', ""), (name, type, link));
        LayerVerb verb = Extract();
        Assert.Equal(1, verb.ExitCode);
        Assert.Equal(reason.Contains("outside") || reason.Contains("root") ? RuntimeStages.ArchiveUnsafe : RuntimeStages.Archive, verb.Failure.Stage);
        Assert.Contains(reason, verb.Failure.Text);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void A_bomb_stops_at_the_limit()
    {
        LayerVerb.Shell($"head -c 300M /dev/zero | gzip -1 > {Blob}; truncate -s 4T {_directory}/huge; tar -C {_directory} -S -cf {_directory}/holes huge");
        LayerVerb zeros = Extract(r => r.MaxBytes = 100 << 20);
        Assert.Contains("more than 104857600 bytes", zeros.Failure.Text);
        LayerVerb holes = Extract(r => (r.Blob, r.MaxBytes) = (_directory + "/holes", 1L << 40));
        Assert.Equal((RuntimeStages.ArchiveTooLarge, RuntimeStages.ArchiveTooLarge), (zeros.Failure.Stage, holes.Failure.Stage));
        Assert.False(Directory.Exists(Target));
    }

    [Theory]
    [InlineData("head -c 5000 /dev/urandom")]
    [InlineData("tar -cf - -C / etc | gzip | head -c 20000")]
    [InlineData("tar -cf - -C / etc | zstd -q | head -c 20000")]
    [InlineData("tar -cf - -C / etc | head -c 200100")]
    public void Damaged_archives_are_refused_and_nothing_is_left(string command)
    {
        LayerVerb.Shell($"({command} || true) > {Blob} 2>/dev/null");
        LayerVerb verb = Extract();
        Assert.Equal(RuntimeStages.Archive, verb.Failure.Stage);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void Another_digest_than_was_said_is_refused_with_both()
    {
        Make(("f", '0', ""));
        string wrong = "sha256:" + new string('0', 64);
        LayerVerb verb = Extract(r => r.DiffId = wrong);
        Assert.Equal(RuntimeStages.Integrity, verb.Failure.Stage);
        Assert.Contains(wrong, verb.Failure.Text);
        Assert.Contains(LayerVerb.Shell($"sha256sum {Blob}")[..64], verb.Failure.Text);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void A_full_disk_is_told_with_its_number_and_nothing_is_left()
    {
        LayerVerb.Shell($"mkdir {_directory}/small; mount -t tmpfs -o size=1M tmpfs {_directory}/small; "
            + $"head -c 5M /dev/urandom > {_directory}/big; tar -C {_directory} -cf {Blob} big");
        LayerVerb verb = Extract(r => r.Target = _directory + "/small/target");
        Assert.Equal((RuntimeStages.Write, 28), (verb.Failure.Stage, verb.Failure.Errno));
        Assert.Empty(Directory.GetFileSystemEntries(_directory + "/small"));
    }

    [Fact]
    public void An_existing_target_is_left_alone()
    {
        Make(("f", '0', ""));
        LayerVerb.Shell($"mkdir {Target}; touch {Target}/mine");
        Assert.Equal(17, Extract().Failure.Errno);
        Assert.True(File.Exists(Target + "/mine"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Asked_to_end_or_left_alone_in_the_middle_it_removes_the_target(bool signal)
    {
        LayerVerb.Shell($"mkdir {_directory}/in; truncate -s 3G {_directory}/in/f; tar -C {_directory}/in -cf - . | gzip -1 > {Blob}");
        using Process process = LayerVerb.Start("extract-layer");
        using (Stream input = process.StandardInput.BaseStream)
            JsonSerializer.Serialize(input, new LayerRequest { Blob = Blob, Target = Target }, BundleJson.Default.LayerRequest);
        Assert.True(process.StandardOutput.BaseStream.ReadByte() == (int)RuntimeMessageKind.Progress);
        Assert.True(Directory.Exists(Target));
        if (signal) Assert.Equal(0, LayerVerb.kill(process.Id, 15));
        else process.StandardOutput.Close();
        if (signal) process.StandardOutput.BaseStream.CopyTo(Stream.Null);
        Assert.True(process.WaitForExit(60_000));
        Assert.Equal(1, process.ExitCode);
        Assert.False(Directory.Exists(Target));
    }

    private LayerVerb Extract(Action<LayerRequest>? change = null)
    {
        var request = new LayerRequest { Blob = Blob, Target = Target };
        change?.Invoke(request);
        return LayerVerb.Extract(request);
    }

    private void Make(params (string Name, char Type, string Link)[] entries)
    {
        using var writer = new TarWriter(File.Create(Blob), TarEntryFormat.Ustar);
        foreach ((string name, char type, string link) in entries)
        {
            var entry = new UstarTarEntry((TarEntryType)type, name);
            if (link != "") entry.LinkName = link;
            writer.WriteEntry(entry);
        }
    }
}
