using System.IO.Compression;
using DockerPS.Engine.Compressing;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Units.Compressing;

public sealed class BlockCompressorTests
{
    public static TheoryData<Compression, int> Lengths =>
        new(from compression in (Compression[])[Compression.Gzip, Compression.Zstd]
            from length in (int[])[0, 1, 1 << 20, (1 << 20) + 1, 5_000_000]
            select (compression, length));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void What_was_compressed_is_read_back_and_the_same_each_time(Compression compression, int length)
    {
        byte[] bytes = Bytes(length);
        byte[] compressed = Compress(bytes, compression);
        Assert.Equal(compressed, Compress(bytes, compression));
        using Stream inflated = compression == Compression.Gzip
            ? new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress)
            : new ZstdSharp.DecompressionStream(new MemoryStream(compressed));
        var back = new MemoryStream();
        inflated.CopyTo(back);
        Assert.Equal(bytes, back.ToArray());
        Assert.Equal(compression, CompressionMagic.Of(compressed.AsSpan(0, CompressionMagic.Length)));
    }

    [Fact]
    public void Gzip_is_one_member()
    {
        // After the header there is no second one: some readers stop at the end of the first.
        byte[] compressed = Compress(new byte[3 << 20], Compression.Gzip);
        Assert.Equal(-1, compressed.AsSpan(2).IndexOf((ReadOnlySpan<byte>)[0x1f, 0x8b, 8]));
        Assert.Equal(3u << 20, BitConverter.ToUInt32(compressed, compressed.Length - 4));
    }

    [Fact]
    public void A_failure_of_the_target_is_thrown()
    {
        using var compressor = new BlockCompressor(new MemoryStream(new byte[16], writable: true), Compression.Gzip);
        Assert.Throws<NotSupportedException>(() =>
        {
            compressor.Write(Bytes(40 << 20));
            compressor.Complete();
        });
    }

    /// <summary>Text, noise and zeros by turns.</summary>
    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        var random = new Random(7);
        for (int i = 0; i < length; i += 300_000)
        {
            Span<byte> part = bytes.AsSpan(i, Math.Min(300_000, length - i));
            if (i / 300_000 % 3 == 0) random.NextBytes(part);
            else if (i / 300_000 % 3 == 1) for (int j = 0; j < part.Length; j++) part[j] = (byte)('a' + (j * j % 13));
        }

        return bytes;
    }

    private static byte[] Compress(byte[] bytes, Compression compression)
    {
        var target = new MemoryStream();
        using (var compressor = new BlockCompressor(target, compression))
        {
            // In pieces that fit no block.
            for (int i = 0; i < bytes.Length; i += 333_333) compressor.Write(bytes.AsSpan(i, Math.Min(333_333, bytes.Length - i)));
            compressor.Complete();
        }

        return target.ToArray();
    }
}
