using DockerPS.Engine;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using Xunit;

namespace DockerPS.Units.Images;

/// <summary>Blobs that come in parts: one writer, who goes on where the last one stopped.</summary>
public sealed class PartialBlobTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];
    private static readonly Digest Name = Digest.Of(Content);

    private readonly StoreFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StoreLayout Layout => _fixture.Store.Layout;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task What_was_written_before_is_gone_on_with_and_verified_as_a_whole()
    {
        using (PartialBlob first = (await OpenAsync())!) await AppendAsync(first, Content.AsMemory(0, 40_000));
        Assert.False(_fixture.Store.Blobs.Has(Name));
        using (PartialBlob second = (await OpenAsync())!)
        {
            Assert.Equal((40_000, true), (second.Length, second.IsResumed));
            await AppendAsync(second, Content.AsMemory(40_000));
            await second.CompleteAsync(Token);
        }

        Assert.Equal(Content, _fixture.Store.Blobs.Read(Name));
        Assert.Null(await OpenAsync());
    }

    [Fact]
    public async Task Wrong_bytes_never_get_the_name_and_are_not_gone_on_with()
    {
        using (PartialBlob blob = (await OpenAsync())!)
        {
            await AppendAsync(blob, new byte[Content.Length]);
            var error = await Assert.ThrowsAsync<DockerIntegrityException>(() => blob.CompleteAsync(Token));
            Assert.Contains(Name.ToString(), error.Message, StringComparison.Ordinal);
            Assert.Contains(Digest.Of(new byte[Content.Length]).ToString(), error.Message, StringComparison.Ordinal);
        }

        Assert.False(_fixture.Store.Blobs.Has(Name));
        using PartialBlob again = (await OpenAsync())!;
        Assert.Equal((0, false), (again.Length, again.IsResumed));
    }

    [Fact]
    public async Task More_bytes_than_it_may_have_are_refused()
    {
        using PartialBlob blob = (await OpenAsync())!;
        await AppendAsync(blob, Content);
        Assert.Equal("DigestMismatch", (await Assert.ThrowsAsync<DockerIntegrityException>(() => AppendAsync(blob, new byte[1]))).ErrorId);
    }

    [Fact]
    public async Task A_second_writer_waits_for_the_first_and_finds_the_blob_whole()
    {
        PartialBlob first = (await OpenAsync())!;
        bool waiting = false;
        Task<PartialBlob?> second = PartialBlob.OpenAsync(Layout, Name, Content.Length, () => waiting = true, CancellationToken.None);
        Assert.True(waiting);
        await AppendAsync(first, Content);
        await first.CompleteAsync(Token);
        first.Dispose();
        Assert.Null(await second.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task What_an_interrupted_pull_wants_is_kept_until_its_record_goes_or_grows_old()
    {
        string partial = Layout.PartialBlob(Name);
        Digest blob;
        using (StoreSession session = _fixture.Store.OpenSession())
        {
            blob = _fixture.Store.Blobs.Put(session, "a finished blob"u8);
            _fixture.Store.Pulls.Put(session, Name, new PullRecord { Reference = "app", Blobs = [Name.ToString(), blob.ToString()], Layers = [] });
            using PartialBlob writing = (await OpenAsync())!;
            await AppendAsync(writing, Content.AsMemory(0, 10));
        }

        _fixture.Store.CollectGarbage();
        Assert.True(File.Exists(partial) && _fixture.Store.Blobs.Has(blob));
        Assert.Equal([partial], Directory.GetFiles(Layout.Partial));

        File.SetLastWriteTimeUtc(Directory.GetFiles(Layout.Pulls).Single(), DateTime.UtcNow - _fixture.Options.InterruptedPullLifetime - TimeSpan.FromMinutes(1));
        _ = new ImageStore(_fixture.Options, _fixture.Catalogue, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Assert.False(File.Exists(partial) || _fixture.Store.Blobs.Has(blob));
        Assert.Empty(Directory.GetFiles(Layout.Pulls));
    }

    [Theory]
    [InlineData(0, 300_000)]
    [InlineData(1_000_000, 300_000)]
    [InlineData(4096, 1 << 20)]
    [InlineData(2_500_001, 4_000_000)]
    public async Task A_large_one_in_pieces_of_any_length_is_whole_wherever_it_was_left(int left, int piece)
    {
        byte[] content = new byte[(9 << 20) + 5];
        new Random(left).NextBytes(content);
        Digest name = Digest.Of(content);
        using (PartialBlob first = (await OpenAsync(name, content.Length))!) await AppendAsync(first, content.AsMemory(0, left));
        using (PartialBlob second = (await OpenAsync(name, content.Length))!)
        {
            Assert.Equal(left, second.Length);
            for (int done = left; done < content.Length; done += piece) await AppendAsync(second, content.AsMemory(done, Math.Min(piece, content.Length - done)));
            await second.CompleteAsync(Token);
        }

        Assert.Equal(content, _fixture.Store.Blobs.Read(name));
    }

    [Fact]
    public async Task A_reader_is_told_what_is_in_the_file_and_given_the_rest()
    {
        using PartialBlob blob = (await OpenAsync())!;
        await AppendAsync(blob, Content.AsMemory(0, 1000));
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using var reader = new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, pipe.GetClientHandleAsString());
        blob.Growth.Attach(pipe);
        Task completed = Task.Run(async () =>
        {
            await AppendAsync(blob, Content.AsMemory(1000));
            await blob.CompleteAsync(Token);
        }, Token);
        byte[] number = new byte[sizeof(long)];
        await reader.ReadExactlyAsync(number, Token);
        // A thread writes, and may have written the first ones by now.
        int there = (int)BitConverter.ToInt64(number);
        Assert.Contains(there, new[] { 0, 1000 });
        byte[] given = new byte[Content.Length - there];
        await reader.ReadExactlyAsync(given, Token);
        await completed;
        Assert.Equal(Content.AsSpan(there), given.AsSpan());
    }

    [Fact]
    public async Task A_reader_that_has_ended_does_not_matter_to_the_blob()
    {
        using PartialBlob blob = (await OpenAsync())!;
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using (var reader = new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, pipe.GetClientHandleAsString())) blob.Growth.Attach(pipe);
        pipe.DisposeLocalCopyOfClientHandle();
        await AppendAsync(blob, Content);
        await blob.CompleteAsync(Token);
        Assert.Equal(Content, _fixture.Store.Blobs.Read(Name));
    }

    private static Task AppendAsync(PartialBlob blob, ReadOnlyMemory<byte> bytes) => blob.AppendAsync(bytes, Token).AsTask();

    private Task<PartialBlob?> OpenAsync() => OpenAsync(Name, Content.Length);

    private Task<PartialBlob?> OpenAsync(Digest name, long length) => PartialBlob.OpenAsync(Layout, name, length, null, CancellationToken.None);
}
