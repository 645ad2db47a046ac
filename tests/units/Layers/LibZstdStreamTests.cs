using DockerPS.Linux.Compression;
using Xunit;
using static DockerPS.Units.Layers.PackedBytes;

namespace DockerPS.Units.Layers;

/// <summary>libzstd inflates what ZstdSharp has packed.</summary>
public sealed class LibZstdStreamTests
{
    private static readonly byte[] Content = Mixed(3_000_000);

    [Theory]
    [InlineData(1 << 20, 1 << 20)]
    [InlineData(1000, 1 << 20)]
    [InlineData(1 << 20, 777)]
    [InlineData(1, 4096)]
    public void Bytes_are_the_same_however_they_come_and_are_asked_for(int given, int asked) =>
        Assert.Equal(Content, Inflate(Pack(Content), given, asked));

    [Theory]
    [InlineData(1)]
    [InlineData(1 << 20)]
    public void Frames_follow_one_another_also_those_to_be_skipped(int given)
    {
        byte[] skipped = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
        byte[] frames = [.. Pack(Content), .. skipped, .. Pack([]), .. Pack("the last"u8.ToArray())];
        Assert.Equal([.. Content, .. "the last"u8], Inflate(frames, given, 1 << 20));
    }

    [Fact]
    public void Nothing_packed_is_nothing() => Assert.Empty(Inflate(Pack([]), 100, 100));

    [Theory]
    [InlineData(5)]
    [InlineData(100_000)]
    [InlineData(-1)]
    public void One_that_is_cut_off_is_told(int length)
    {
        byte[] packed = Pack(Content);
        Assert.Throws<InvalidDataException>(() => Inflate(packed[..(length > 0 ? length : packed.Length + length)], 1000, 1 << 20));
    }

    [Fact]
    public void Wrong_bytes_and_what_is_no_frame_are_told()
    {
        byte[] packed = Pack(Content);
        Assert.Throws<InvalidDataException>(() => Inflate([.. packed, .. "garbage"u8], 1 << 20, 1 << 20));
        packed[0] ^= 0x55;
        Assert.Throws<InvalidDataException>(() => Inflate(packed, 1 << 20, 1 << 20));
    }

    [Fact]
    public void Garbage_never_ends_the_process() => AssertGarbageIsRefused(Pack(Content), Inflate);

    private static byte[] Inflate(byte[] packed, int given, int asked)
    {
        using Stream? stream = LibZstdStream.TryOpen(new Drip(packed, given));
        Assert.SkipWhen(stream is null, "SKIPPED: libzstd1 is not installed.");
        return ReadAll(stream, asked);
    }

    private static byte[] Pack(byte[] content)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(content).ToArray();
    }
}
