using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using Xunit;

namespace DockerPS.Units.Images;

/// <summary>Images are found and shown by the digests that registries have for them.</summary>
public sealed class RepositoryDigestTests : IDisposable
{
    private static readonly string Index = Digest.Of("an index"u8).ToString();

    private readonly StoreFixture _fixture = new();

    private ImageStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void An_image_is_found_and_shown_by_the_digest_of_its_repository_only()
    {
        string id = _fixture.Add("1", "localhost:5000/app:1", "mine:1");
        string manifest = Store.Find(id)!.Value.Row.Manifest;
        Store.AddRepositoryDigest(id, new RepositoryDigest("localhost:5000/app", Index, manifest));
        Assert.Equal("localhost:5000/app:1", Store.Find($"localhost:5000/app@{Index}")!.Value.Reference);
        Assert.Null(Store.Find($"mine@{Index}"));
        Assert.Equal(Index, Store.Find("localhost:5000/app:1")!.Value.ToImage().Digest);
        Assert.Equal(manifest, Store.Find("mine:1")!.Value.ToImage().Digest);
    }

    [Fact]
    public void An_image_that_lost_its_tag_is_still_of_its_repository()
    {
        string old = _fixture.Add("1", "app:1");
        Store.AddRepositoryDigest(old, new RepositoryDigest("app", Index, Index));
        _fixture.Add("2", "app:1");
        ContainerImage image = Store.List([], dangling: true).Single().ToImage();
        Assert.Equal(("app", "<none>", $"app@{Index}", old), (image.Repository, image.Tag, image.Reference, image.Id));
        Assert.Equal(old, Store.Find(image.Reference)!.Value.Row.Id);
        Store.Remove(image.Reference, force: false);
        Assert.Null(Store.Find(image.Reference));
    }

    [Fact]
    public void The_newest_digest_is_shown_and_all_are_found()
    {
        string id = _fixture.Add("1", "app:1");
        string second = Digest.Of("2"u8).ToString();
        foreach (string digest in (string[])[second, Index, second, Index]) Store.AddRepositoryDigest(id, new RepositoryDigest("app", digest, "sha256:m"));
        Assert.Equal(Index, Store.Find("app:1")!.Value.ToImage().Digest);
        Assert.Equal(["app@" + Index, "app@" + second], Store.Find("app:1")!.Value.Row.RepositoryDigests);
        Assert.Equal(id, Store.Find("app@" + second)!.Value.Row.Id);
    }

    [Fact]
    public void With_the_image_its_digests_go()
    {
        string id = _fixture.Add("1", "app:1");
        Store.AddRepositoryDigest(id, new RepositoryDigest("app", Index, Index));
        Store.Remove("app:1", force: false);
        using CatalogueDatabase.Lease lease = _fixture.Catalogue.Rent();
        Assert.Empty(RepositoryDigestTable.Digests(lease));
    }
}
