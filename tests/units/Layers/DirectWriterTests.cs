using DockerPS.Linux;
using DockerPS.Oci.Layers;
using DockerPS.Runtime.Layers;
using DockerPS.Units.Images;
using Xunit;
using static DockerPS.Units.Layers.TarBytes;

namespace DockerPS.Units.Layers;

/// <summary>Files that a thread writes past the page cache.</summary>
public sealed class DirectWriterTests : IDisposable
{
    private const int BadDescriptor = 9;
    private const long LargeFile = 512 << 10;

    private readonly TemporaryDirectory _directory = new();
    private readonly DirectWriter _writer = new(LargeFile);

    public void Dispose()
    {
        _writer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Files_of_any_length_have_their_content_and_what_belongs_to_them()
    {
        int[] lengths = [1, 4096, 65_536, 65_537, 700_001, 1 << 20, (1 << 20) + 1, (5 << 20) + 4095, 100_000, 6 << 20];
        byte[][] contents = [.. lengths.Select((length, i) => Noise(i, length))];
        var reader = new TarReader(new StreamTarInput(new MemoryStream([.. contents.SelectMany((content, i) => (byte[])[.. Header($"{i}", size: content.Length), .. Content(content)]), .. new byte[1024]])));
        for (int i = 0; i < lengths.Length; i++)
        {
            Assert.True(reader.Read());
            _writer.Write(Open($"{i}"), reader, lengths[i], new FileFinish { Mode = 0x1C0, HasMode = true, Modified = new LibC.timespec { Seconds = 1000 + i } }, reader.Entry.Name);
        }

        _writer.Drain();
        for (int i = 0; i < lengths.Length; i++)
        {
            var file = new FileInfo(_directory[$"{i}"]);
            Assert.Equal(contents[i], File.ReadAllBytes(file.FullName));
            Assert.Equal((DateTime.UnixEpoch.AddSeconds(1000 + i), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute), (file.LastWriteTimeUtc, file.UnixFileMode));
        }
    }

    [Fact]
    public void A_file_that_its_caller_finishes_stays_open()
    {
        TarReader reader = Reader(Noise(1, 200_000));
        int file = Open("file");
        _writer.Write(file, reader, 200_000, null, "file"u8);
        _writer.Drain();
        Assert.Equal(0, LibC.close(file));
        Assert.Equal(Noise(1, 200_000), File.ReadAllBytes(_directory["file"]));
    }

    [Fact]
    public void A_write_that_fails_is_told_with_its_file_and_nothing_is_written_after_it()
    {
        File.WriteAllText(_directory["bad"], "");
        _writer.Write(Open("bad", LibC.O_RDONLY), Reader(Noise(1, 100_000)), 100_000, default(FileFinish), "the/bad"u8);
        var error = Assert.Throws<LinuxException>(_writer.Drain);
        Assert.Contains("the/bad", error.Message, StringComparison.Ordinal);
        Assert.Equal(BadDescriptor, error.Number);
        int next = Open("next");
        Assert.True(IsOpen("next"));
        Assert.Throws<LinuxException>(() => _writer.Write(next, Reader(Noise(2, 100_000)), 100_000, default(FileFinish), "next"u8));
        Assert.Equal(0, new FileInfo(_directory["next"]).Length);
        Assert.False(IsOpen("next"));
    }

    [Fact]
    public void An_archive_that_ends_too_soon_leaves_no_descriptor_open()
    {
        byte[] archive = [.. Header("f", size: 3 << 20), .. new byte[2 << 20]];
        var reader = new TarReader(new StreamTarInput(new MemoryStream(archive)));
        Assert.True(reader.Read());
        int file = Open("f");
        Assert.Throws<TarFormatException>(() => _writer.Write(file, reader, 3 << 20, default(FileFinish), "f"u8));
        Assert.False(IsOpen("f"));
    }

    private static byte[] Noise(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static TarReader Reader(byte[] content)
    {
        var reader = new TarReader(new StreamTarInput(new MemoryStream([.. Header("f", size: content.Length), .. Content(content), .. new byte[1024]])));
        Assert.True(reader.Read());
        return reader;
    }

    private bool IsOpen(string name) =>
        Directory.GetFiles("/proc/self/fd").Any(descriptor => new FileInfo(descriptor).LinkTarget == _directory[name]);

    private unsafe int Open(string name, int flags = LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL)
    {
        fixed (byte* path = System.Text.Encoding.UTF8.GetBytes(_directory[name] + '\0'))
        {
            int file = LibC.openat(LibC.AT_FDCWD, path, flags | LibC.O_CLOEXEC, 0x180);
            Assert.True(file >= 0);
            return file;
        }
    }
}
