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

    private StoreLayout Layout => _fixture.Store.Layout;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task What_was_written_before_is_gone_on_with_and_verified_as_a_whole()
    {
        using (PartialBlob first = (await OpenAsync())!) first.Append(Content.AsSpan(0, 40_000));
        Assert.False(_fixture.Store.Blobs.Has(Name));
        using (PartialBlob second = (await OpenAsync())!)
        {
            Assert.Equal((40_000, true), (second.Length, second.IsResumed));
            second.Append(Content.AsSpan(40_000));
            second.Complete();
        }

        Assert.Equal(Content, _fixture.Store.Blobs.Read(Name));
        Assert.Null(await OpenAsync());
    }

    [Fact]
    public async Task Wrong_bytes_never_get_the_name_and_are_not_gone_on_with()
    {
        using (PartialBlob blob = (await OpenAsync())!)
        {
            blob.Append(new byte[Content.Length]);
            var error = Assert.Throws<DockerIntegrityException>(blob.Complete);
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
        blob.Append(Content);
        Assert.Equal("DigestMismatch", Assert.Throws<DockerIntegrityException>(() => blob.Append(new byte[1])).ErrorId);
    }

    [Fact]
    public async Task A_second_writer_waits_for_the_first_and_finds_the_blob_whole()
    {
        PartialBlob first = (await OpenAsync())!;
        bool waiting = false;
        Task<PartialBlob?> second = PartialBlob.OpenAsync(Layout, Name, Content.Length, () => waiting = true, CancellationToken.None);
        Assert.True(waiting);
        first.Append(Content);
        first.Complete();
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
            writing.Append(Content.AsSpan(0, 10));
        }

        _fixture.Store.CollectGarbage();
        Assert.True(File.Exists(partial) && _fixture.Store.Blobs.Has(blob));
        Assert.Equal([partial], Directory.GetFiles(Layout.Partial));

        File.SetLastWriteTimeUtc(Directory.GetFiles(Layout.Pulls).Single(), DateTime.UtcNow - _fixture.Options.InterruptedPullLifetime - TimeSpan.FromMinutes(1));
        _ = new ImageStore(_fixture.Options, _fixture.Catalogue, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Assert.False(File.Exists(partial) || _fixture.Store.Blobs.Has(blob));
        Assert.Empty(Directory.GetFiles(Layout.Pulls));
    }

    private Task<PartialBlob?> OpenAsync() => PartialBlob.OpenAsync(Layout, Name, Content.Length, null, CancellationToken.None);
}
