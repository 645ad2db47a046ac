using System.IO.Compression;
using DockerPS.Linux.Compression;
using Xunit;
using static DockerPS.Units.Layers.PackedBytes;

namespace DockerPS.Units.Layers;

/// <summary>What ISA-L inflates is what .NET inflates.</summary>
public sealed class IsalGzipStreamTests
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
    [InlineData(1000)]
    [InlineData(1 << 20)]
    public void Members_follow_one_another_and_padding_ends_them(int given)
    {
        byte[] members = [.. Pack(Content), .. Pack([]), .. Pack("the last"u8.ToArray()), .. new byte[512]];
        Assert.Equal([.. Content, .. "the last"u8], Inflate(members, given, 1 << 20));
    }

    [Fact]
    public void Nothing_packed_is_nothing() => Assert.Empty(Inflate(Pack([]), 100, 100));

    [Theory]
    [InlineData(5)]
    [InlineData(100_000)]
    [InlineData(-4)]
    [InlineData(-9)]
    public void One_that_is_cut_off_is_told(int length)
    {
        byte[] packed = Pack(Content);
        Assert.Throws<InvalidDataException>(() => Inflate(packed[..(length > 0 ? length : packed.Length + length)], 1000, 1 << 20));
    }

    [Fact]
    public void Wrong_bytes_wrong_checksums_and_wrong_lengths_are_told()
    {
        byte[] packed = Pack(Content);
        foreach (int position in (ReadOnlySpan<int>)[0, packed.Length / 2, packed.Length - 8, packed.Length - 1])
        {
            byte[] damaged = [.. packed];
            damaged[position] ^= 0x55;
            Assert.Throws<InvalidDataException>(() => Inflate(damaged, 1 << 20, 1 << 20));
        }
    }

    [Fact]
    public void Garbage_never_ends_the_process() => AssertGarbageIsRefused(Pack(Content), Inflate);

    private static byte[] Inflate(byte[] packed, int given, int asked)
    {
        using Stream? stream = IsalGzipStream.TryOpen(new Drip(packed, given));
        Assert.SkipWhen(stream is null, "SKIPPED: libisal2 is not installed.");
        return ReadAll(stream, asked);
    }

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(content);
        // Of nothing it writes nothing, which is no member.
        return packed.Length > 0 ? packed.ToArray() : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }
}
