using System.Text;
using DockerPS.Oci.Layers;
using Xunit;

namespace DockerPS.Units.Layers;

public sealed class LayerPathTests
{
    [Theory]
    [InlineData("a/b", "a/b")]
    [InlineData("./a//b/./", "a/b")]
    [InlineData("/etc/passwd", "etc/passwd")]
    [InlineData("a/../b", "b")]
    [InlineData("a/b/../../c", "c")]
    [InlineData("./", "")]
    [InlineData("..a/...", "..a/...")]
    public void Names_are_cleaned(string name, string cleaned)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name), buffer = new byte[bytes.Length];
        Assert.Equal(cleaned, Encoding.UTF8.GetString(buffer, 0, LayerPath.Clean(bytes, buffer)));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/../x")]
    [InlineData("a/../../x")]
    [InlineData("..")]
    public void A_name_that_climbs_above_the_root_is_refused(string name) => Assert.Contains($"'{name}' reaches outside the layer",
        Assert.Throws<TarFormatException>(() => LayerPath.Clean(Encoding.UTF8.GetBytes(name), new byte[50])).Message);

    [Theory]
    [InlineData("file", WhiteoutKind.None)]
    [InlineData(".wh.file", WhiteoutKind.Removal)]
    [InlineData(".wh..wh..opq", WhiteoutKind.Opaque)]
    [InlineData(".wh..wh.plnk", WhiteoutKind.Bookkeeping)]
    public void Whiteouts_are_told_by_their_names(string name, WhiteoutKind kind) =>
        Assert.Equal(kind, Whiteout.Classify(Encoding.UTF8.GetBytes(name), out _));

    [Theory]
    [InlineData(".wh.")]
    [InlineData(".wh..")]
    [InlineData(".wh...")]
    public void A_whiteout_of_another_directory_is_refused(string name) =>
        Assert.Throws<TarFormatException>(() => Whiteout.Classify(Encoding.UTF8.GetBytes(name), out _));

    [Fact]
    public void Headers_that_are_written_are_read_back_the_same()
    {
        byte[] name = Encoding.Latin1.GetBytes(new string('n', 150) + "\u00ff");
        byte[] header = new TarHeaderWriter().Write(new TarHeaderFields
        {
            TypeFlag = (byte)'0', Name = name, Mode = 0x9ED, Uid = 4_000_000_000, Gid = 7, ModifiedSeconds = -2, ModifiedNanoseconds = 750_000_000,
            Xattrs = [("user.x"u8.ToArray(), [0, 10, 255])],
        }).ToArray();
        var reader = new TarReader(new StreamTarInput(new MemoryStream([.. header, .. new byte[1024]])));
        Assert.True(reader.Read());
        Assert.True(reader.Entry.Name.SequenceEqual(name));
        Assert.Equal((0x9EDu, 4_000_000_000u, 7u), (reader.Entry.Mode, reader.Entry.Uid, reader.Entry.Gid));
        Assert.Equal((-2L, 750_000_000u), (reader.Entry.ModifiedSeconds, reader.Entry.ModifiedNanoseconds));
        Assert.Equal([0, 10, 255], reader.Entry.XattrValue(0).ToArray());
        Assert.False(reader.Read());
    }
}
