using DockerPS.Engine.Store;
using Xunit;

namespace DockerPS.Units.Images;

/// <summary>Large blobs are written past the page cache by a thread of their own, small ones as any file.</summary>
public sealed class BlobFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((4 << 20) - 1)]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData((9 << 20) + 5120)]
    public void A_blob_of_any_length_has_the_bytes_that_were_given_in_their_order(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        string path = _directory["blob"];
        using (var file = new BlobFile(path, length, readSoon: false))
        {
            for (int done = 0; done < length;)
            {
                int count = Math.Min(BlobFile.BufferLength, length - done);
                content.AsSpan(done, count).CopyTo(file.Buffer);
                file.Write(count);
                done += count;
            }

            file.Complete();
            Assert.Equal(length, new FileInfo(path).Length);
        }

        Assert.Equal(content, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(BlobFile.BufferLength)]
    public void A_file_that_is_given_up_is_closed(int written)
    {
        string path = _directory["blob"];
        using (var file = new BlobFile(path, 64 << 20, readSoon: false))
        {
            if (written > 0) file.Write(written);
        }

        Assert.Equal(written, new FileInfo(path).Length);
        File.Delete(path);
    }
}
