using DockerPS.Engine.Images.Archives;
using Xunit;

namespace DockerPS.Units.Images;

public class ReadAheadStreamTests
{
    [Fact]
    public void It_gives_the_bytes_of_its_source_in_order()
    {
        var bytes = new byte[5_000_003];
        new Random(7).NextBytes(bytes);
        using var ahead = new ReadAheadStream(new MemoryStream(bytes));
        using var copy = new MemoryStream();
        ahead.CopyTo(copy, 77_777);
        Assert.True(bytes.AsSpan().SequenceEqual(copy.GetBuffer().AsSpan(0, (int)copy.Length)));
    }

    [Fact]
    public void It_can_be_left_in_the_middle()
    {
        using var ahead = new ReadAheadStream(new MemoryStream(new byte[50_000_000]));
        Assert.Equal(0, ahead.ReadByte());
    }

    [Fact]
    public void The_error_of_its_source_is_thrown_to_the_reader()
    {
        using var ahead = new ReadAheadStream(new System.IO.Compression.GZipStream(
            new MemoryStream([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9]), System.IO.Compression.CompressionMode.Decompress));
        Assert.Throws<InvalidDataException>(() => ahead.ReadByte());
    }
}
