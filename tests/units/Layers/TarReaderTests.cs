using System.Formats.Tar;
using System.Text;
using DockerPS.Oci.Layers;
using Xunit;
using static DockerPS.Units.Layers.TarBytes;

namespace DockerPS.Units.Layers;

public sealed class TarReaderTests
{
    [Theory]
    [InlineData("v7")]
    [InlineData("oldgnu")]
    [InlineData("gnu")]
    [InlineData("ustar")]
    [InlineData("pax")]
    public void Archives_of_GNU_tar_are_read_in_every_format(string format)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: needs GNU tar.");
        // Links of ustar are at most 100 bytes.
        string deep = format == "v7" ? "d/e" : string.Join('/', Enumerable.Repeat("directory", format == "ustar" ? 9 : 14));
        byte[] archive = Sh($"mkdir -p {deep}; echo hello > {deep}/file; ln {deep}/file hard; ln -s {deep}/file soft; "
            + $"tar --format={format} --no-recursion -cf - {deep}/file hard soft {deep}")!;
        List<string> lines = Read(archive);
        Assert.Equal(4, lines.Count);
        Assert.Equal($"File {deep}/file 'hello\n'", lines[0]);
        Assert.Equal($"HardLink hard -> {deep}/file", lines[1]);
        Assert.Equal($"SymbolicLink soft -> {deep}/file", lines[2]);
        Assert.Equal($"Directory {deep}/", lines[3]);
    }

    [Fact]
    public void The_prefix_of_ustar_stands_before_the_name() => Assert.Equal(
        ["File some/where/f"], Read(Archive(Header("f", change: block => "some/where"u8.CopyTo(block.AsSpan(345))))));

    [Fact]
    public void Content_is_taken_into_a_buffer_up_to_its_end_and_not_beyond()
    {
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);
        byte[] archive = [.. Header("large", size: content.Length), .. Content(content), .. Header("next"), .. new byte[1024]];
        var reader = new DockerPS.Oci.Layers.TarReader(new StreamTarInput(new MemoryStream(archive), bufferSize: 1000));
        Assert.True(reader.Read());
        Assert.Equal(content[0], reader.PeekContent()[0]);
        byte[] buffer = new byte[200_000];
        Assert.Equal(200_000, reader.ReadContent(buffer));
        Assert.Equal(content[..200_000], buffer);
        Assert.Equal(100_000, reader.ReadContent(buffer));
        Assert.Equal(content[200_000..], buffer[..100_000]);
        Assert.Equal(0, reader.ReadContent(buffer));
        Assert.True(reader.Read());
        Assert.Equal("next"u8, reader.Entry.Name);
    }

    [Fact]
    public void Content_that_is_cut_off_is_not_taken_for_whole()
    {
        byte[] archive = [.. Header("f", size: 5000), .. new byte[1000]];
        var reader = new DockerPS.Oci.Layers.TarReader(new StreamTarInput(new MemoryStream(archive)));
        Assert.True(reader.Read());
        Assert.Contains("cut off", Assert.Throws<TarFormatException>(() => { reader.ReadContent(new byte[5000]); }).Message);
    }

    [Theory]
    [InlineData("--format=gnu")]
    [InlineData("--format=pax --sparse-version=0.0")]
    [InlineData("--format=pax --sparse-version=0.1")]
    [InlineData("--format=pax --sparse-version=1.0")]
    public void Sparse_files_of_GNU_tar_are_read_in_every_version(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: needs GNU tar.");
        // Ten runs: more than the four that fit into GNU's header, so that a block of extensions follows.
        byte[] archive = Sh("for i in 0 1 2 3 4 5 6 7 8 9; do printf x$i | dd of=s bs=65536 seek=$i conv=notrunc 2>/dev/null; done; "
            + $"truncate -s 1M s; tar {options} -S -cf - s; ")!;
        string line = Assert.Single(Read(archive));
        Assert.StartsWith("File s sparse 1048576 [0+", line);
        Assert.Contains(" 589824+", line);
    }

    [Fact]
    public void Names_that_are_not_text_are_kept_byte_for_byte() =>
        Assert.Equal(["File a\u00ff\u00feb"], Read(Archive(Header("a\u00ff\u00feb"))));

    [Fact]
    public void The_reader_of_the_base_library_loses_such_names_which_is_why_it_is_not_used()
    {
        using var reader = new System.Formats.Tar.TarReader(new MemoryStream(Archive(Header("a\u00ff"))));
        Assert.NotEqual([.. "a"u8, 0xFF], Encoding.UTF8.GetBytes(reader.GetNextEntry()!.Name));
    }

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Archives_of_the_base_library_are_read(TarEntryFormat format)
    {
        var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            System.Formats.Tar.TarEntry entry = format switch
            {
                TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, "f"),
                TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, "f"),
                TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, "f"),
                _ => new GnuTarEntry(TarEntryType.RegularFile, "f"),
            };
            entry.DataStream = new MemoryStream("text"u8.ToArray());
            writer.WriteEntry(entry);
        }
        Assert.Equal(["File f 'text'"], Read(stream.ToArray()));
    }

    [Fact]
    public void Extended_attributes_of_both_dialects_are_read() => Assert.Equal(
        ["File f user.a=1 user.b c=binary"],
        Read(Archive(Pax(("SCHILY.xattr.user.a", "1"), ("LIBARCHIVE.xattr.user.b%20c", "YmluYXJ5")), Header("f"))));

    [Fact]
    public void A_global_header_holds_until_an_entry_says_otherwise() => Assert.Equal(
        ["File a user.g=1", "File named user.g=1"],
        Read(Archive(Pax('g', ("SCHILY.xattr.user.g", "1")), Header("a"), Pax(("path", "named")), Header("b"))));

    [Theory]
    [InlineData("1.5", 1, 500_000_000)]
    [InlineData("-1.25", -2, 750_000_000)]
    [InlineData("7.1234567899", 7, 123_456_789)]
    [InlineData("12", 12, 0)]
    public void Times_of_extended_headers_have_fractions(string text, long seconds, long nanoseconds)
    {
        var reader = new DockerPS.Oci.Layers.TarReader(new StreamTarInput(new MemoryStream(Archive(Pax(("mtime", text), ("atime", text)), Header("f")))));
        Assert.True(reader.Read());
        Assert.Equal((seconds, (uint)nanoseconds), (reader.Entry.ModifiedSeconds, reader.Entry.ModifiedNanoseconds));
        Assert.True(reader.Entry.HasAccessTime);
    }

    [Fact]
    public void Owners_beyond_octal_are_read_from_binary_numbers()
    {
        byte[] header = Header("f", change: block => new byte[] { 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xF0 }.CopyTo(block, 108));
        var reader = new DockerPS.Oci.Layers.TarReader(new StreamTarInput(new MemoryStream(Archive(header))));
        Assert.True(reader.Read());
        Assert.Equal(0xFFFFFFF0u, reader.Entry.Uid);
    }

    [Fact]
    public void An_archive_may_end_with_the_last_byte_of_content()
    {
        var reader = new DockerPS.Oci.Layers.TarReader(new StreamTarInput(new MemoryStream([.. Header("f", size: 3), .. "abc"u8])));
        Assert.True(reader.Read());
        Assert.Equal(3, reader.ReadContent(new byte[5]));
        Assert.False(reader.Read());
    }

    public static TheoryData<string, byte[]> Broken() => new()
    {
        { "not a tar", Encoding.ASCII.GetBytes(new string('x', 2000)) },
        { "not a tar", "short"u8.ToArray() },
        { "is empty", [] },
        { "cut off", [.. Header("f", size: 5000), .. new byte[1000]] },
        { "cut off", [.. Header("f"), .. new byte[100]] },
        { "wrong checksum", [.. Header("f"), .. Header("g", change: b => b[500] = 1).Select((b, i) => i == 0 ? (byte)'h' : b)] },
        { "garbage after its end", [.. new byte[512], .. Header("f")] },
        { "absurd", Archive(Header("x", 'x', 2 << 20)) },
        { "absurd", Archive(Header("x", 'L', 1 << 20)) },
        { "cut off", Header("x", 'L', 3).Concat(Content("abc")).ToArray() },
        { "damaged", Archive(Header("x", 'x', 20), Content("99 path=abc\n"), Header("f")) },
        { "NUL", Archive(Pax(("path", "a\0b")), Header("f")) },
        { "not a number", Archive(Pax(("size", "-1")), Header("f")) },
        { "not a number", Archive(Header("f", change: b => b[124] = (byte)'9')) },
        { "map", Archive(Pax(("GNU.sparse.map", "0,10,5,10"), ("GNU.sparse.size", "100")), Header("f", size: 20), new byte[512]) },
        { "map", Archive(Pax(("GNU.sparse.map", "0,10"), ("GNU.sparse.size", "5")), Header("f", size: 10), new byte[512]) },
        { "map", Archive(Pax(("GNU.sparse.major", "1"), ("GNU.sparse.realsize", "5")), Header("f", size: 512), Content("9999\n")) },
        { "not tell its size", Archive(Pax(("GNU.sparse.map", "0,0")), Header("f")) },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_archive_is_refused_with_its_reason(string reason, byte[] archive) =>
        Assert.Contains(reason, Assert.Throws<TarFormatException>(() => Read(archive)).Message);

    [Fact]
    public void What_unpacks_to_more_than_the_limit_is_refused_before_it_is_read()
    {
        byte[] stored = Archive(Header("f", size: 1 << 30));
        Assert.Contains("more than 1000000 bytes", Assert.Throws<TarFormatException>(() => Read(stored, maxBytes: 1_000_000)).Message);
        byte[] holes = Archive(Pax(("GNU.sparse.map", "0,0"), ("GNU.sparse.size", "9223372036854775807")), Header("f"));
        Assert.Contains("more than", Assert.Throws<TarFormatException>(() => Read(holes, maxBytes: 1L << 40)).Message);
        Assert.Contains("more than 2 entries",
            Assert.Throws<TarFormatException>(() => Read(Archive(Header("a"), Header("b"), Header("c")), maxEntries: 2)).Message);
    }

    [Fact]
    public void Sizes_of_entries_without_content_are_ignored() =>
        Assert.Equal(["SymbolicLink l -> t", "File f"], Read(Archive(Header("l", '2', 77, "t"), Header("f"))));

    [Fact]
    public void Whatever_bytes_are_flipped_only_the_typed_exception_comes_out()
    {
        byte[] archive = Archive(
            Pax('g', ("comment", "c")), Pax(("SCHILY.xattr.user.a", "1"), ("mtime", "1.5"), ("path", "p/q")), Header("f", size: 5), Content("hello"),
            Header("L", 'L', 120), Content(new string('n', 119) + "\0"), Header("n", '2', 0, "t"),
            Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "4096")), Header("s", size: 1024),
            Content("1\n0\n512\n"), new byte[512],
            Header("old", 'S', 512, magic: "ustar  \0", change: b => { Octal(b, 386, 12, 512); Octal(b, 398, 12, 512); Octal(b, 483, 12, 4096); b[482] = 1; }),
            new byte[512], new byte[512], Header("dev", '3'), Header("d/", '5'));
        int whole = Read(archive).Count;
        Assert.Equal(6, whole);
        var random = new Random(4711);
        int read = 0, refused = 0;
        for (int i = 0; i < 30_000; i++)
        {
            byte[] flipped = (byte[])archive.Clone();
            for (int flips = random.Next(1, 4); flips > 0; flips--) flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
            // Half of them with right checksums, so that the damage gets past the first test.
            if (i % 2 == 0) FixChecksums(flipped);
            if (i % 5 == 0) Array.Resize(ref flipped, random.Next(flipped.Length));
            try
            {
                Read(flipped, maxBytes: 1 << 20, maxEntries: 100);
                read++;
            }
            catch (TarFormatException)
            {
                refused++;
            }
        }
        Assert.True(read > 100 && refused > 100);
    }

    private static void FixChecksums(byte[] archive)
    {
        for (int start = 0; start + 512 <= archive.Length; start += 512)
        {
            if (!archive.AsSpan(start + 257, 4).SequenceEqual("usta"u8)) continue;
            byte[] block = archive[start..(start + 512)];
            block.AsSpan(148, 8).Fill((byte)' ');
            Octal(block, 148, 7, block.Sum(b => b));
            block.CopyTo(archive, start);
        }
    }
}
