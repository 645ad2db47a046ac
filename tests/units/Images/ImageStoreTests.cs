using System.Diagnostics;
using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Units.Images;

public sealed class ImageStoreTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    private ImageStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Layers_are_spread_over_an_ext4_file_system()
    {
        string layers = new StoreLayout(_fixture.Options.Root).LayersTemp;
        Assert.SkipUnless(OperatingSystem.IsLinux() && Tell("stat", "-f", "-c", "%T", layers) == "ext2/ext3", "SKIPPED: needs a store on ext4.");
        Assert.Contains('T', Tell("lsattr", "-d", layers).Split(' ')[0]);

        static string Tell(string program, params string[] arguments)
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            string text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return text;
        }
    }

    [Theory]
    [InlineData("app")]
    [InlineData("app:latest")]
    [InlineData("docker.io/library/app:latest")]
    public void An_image_is_found_by_every_form_of_its_name(string name)
    {
        string id = _fixture.Add("1", "app");
        Assert.Equal(id, Store.Find(name)!.Value.Row.Id);
    }

    [Fact]
    public void An_image_is_found_by_id_by_its_beginning_and_by_digest()
    {
        string id = _fixture.Add("1", "app");
        string manifest = Store.Find("app")!.Value.Row.Manifest;
        foreach (string name in (string[])[id, id[7..], id[7..19], id[..20], $"app@{manifest}", $"app:v9@{manifest}", manifest])
            Assert.Equal(id, Store.Find(name)?.Row.Id);
        Assert.Null(Store.Find("other@" + manifest));
    }

    [Fact]
    public void A_beginning_of_several_ids_is_ambiguous()
    {
        for (int i = 0; i < 17; i++) _fixture.Add($"{i}");
        var ids = Store.List([], dangling: false).Select(image => image.Row.Id);
        string shared = ids.GroupBy(id => id[7..8]).First(group => group.Count() > 1).Key;
        Assert.Equal("ImageAmbiguous", Assert.Throws<DockerConflictException>(() => Store.Find(shared)).ErrorId);
    }

    [Fact]
    public async Task A_missing_image_is_named_with_the_next_step()
    {
        var error = await Assert.ThrowsAsync<DockerNotFoundException>(() => Store.RunnableAsync("nothing:1", CancellationToken.None));
        Assert.Equal(("ImageNotFound", "nothing:1"), (error.ErrorId, error.Subject));
        Assert.Contains("Import-ContainerImage", error.Message, StringComparison.Ordinal);
        Assert.Equal("InvalidReference",
            (await Assert.ThrowsAsync<DockerArgumentException>(() => Store.RunnableAsync("No Name", CancellationToken.None))).ErrorId);
    }

    [Fact]
    public void A_name_moves_to_the_image_that_gets_it_and_leaves_the_other_dangling()
    {
        string first = _fixture.Add("1", "app"), second = _fixture.Add("2", "app");
        Assert.Equal(second, Store.Find("app")!.Value.Row.Id);
        Assert.Equal(first, Assert.Single(Store.List([], dangling: true)).Row.Id);
        ContainerImage dangling = Store.List([first], dangling: false)[0].ToImage();
        Assert.Equal(("<none>", "<none>", first), (dangling.Repository, dangling.Tag, dangling.Reference));
    }

    [Fact]
    public void Removing_one_of_two_names_only_untags()
    {
        string id = _fixture.Add("1", "app:1", "app:2");
        Assert.Equal([new ContainerImageRemoval("app:1", false)], Store.Remove("app:1", force: false));
        Assert.Equal([new("app:2", false), new ContainerImageRemoval(id, true)], Store.Remove("app:2", force: false));
        Assert.Null(Store.Find(id));
        Assert.Empty(Directory.GetFiles(Path.Combine(_fixture.Content, "blobs", "sha256")));
    }

    [Fact]
    public void Removing_an_id_with_several_names_needs_force()
    {
        string id = _fixture.Add("1", "app:1", "other:2");
        Assert.Equal("ImageHasSeveralNames", Assert.Throws<DockerConflictException>(() => Store.Remove(id[7..19], force: false)).ErrorId);
        Assert.Equal(3, Store.Remove(id[7..19], force: true).Count);
        Assert.Empty(Store.List([], dangling: false));
    }

    [Fact]
    public void An_image_in_use_is_refused_and_with_force_stays_until_its_last_container_goes()
    {
        string id = _fixture.Add("1", "app");
        _fixture.Use(id, "one");
        _fixture.Use(id, "two");
        var error = Assert.Throws<DockerConflictException>(() => Store.Remove("app", force: false));
        Assert.Equal("ImageInUse", error.ErrorId);
        Assert.Contains("one, two", error.Message, StringComparison.Ordinal);

        Store.Remove("app", force: true);
        Assert.Empty(Store.List([], dangling: false));
        Assert.Equal(id, Store.RunnableById(id).Image.Id);
        _fixture.Free("one");
        Store.Release(id);
        Assert.Equal(id, Store.RunnableById(id).Image.Id);
        _fixture.Free("two");
        Store.Release(id);
        Assert.Throws<DockerNotFoundException>(() => Store.RunnableById(id));
        Assert.Empty(Directory.GetFiles(Path.Combine(_fixture.Content, "blobs", "sha256")));
    }

    [Fact]
    public void Untagging_the_last_name_keeps_the_image()
    {
        string id = _fixture.Add("1", "app");
        Store.RemoveTag("app");
        Assert.Null(Store.Find("app"));
        Assert.Equal(id, Store.Find(id)!.Value.Row.Id);
        Assert.Equal("app:new", Store.AddTag(id, "app:new").Reference);
        Assert.Throws<DockerArgumentException>(() => Store.AddTag(id, $"app@{id}"));
    }

    [Fact]
    public void Names_of_a_filter_are_repositories_references_ids_and_patterns()
    {
        string a = _fixture.Add("1", "app:1", "app:2");
        _fixture.Add("2", "localhost:5000/team/web:1");
        Assert.Equal(["app:1", "app:2"], Names("app"));
        Assert.Equal(["app:1"], Names("app:1"));
        Assert.Equal(["app:1", "app:2"], Names(a[7..19]));
        Assert.Equal(["localhost:5000/team/web:1"], Names("*team*"));
        Assert.Equal(["app:1", "app:2"], Names("ap?"));
        Assert.Empty(Names("z*"));
        Assert.Throws<DockerNotFoundException>(() => Names("app:3"));

        IEnumerable<string?> Names(string name) => Store.List([name], dangling: false).Select(image => image.Reference).Order();
    }

    [Fact]
    public void The_index_lists_every_name_and_only_what_is_stored()
    {
        _fixture.Add("1", "app:1", "app:2");
        _fixture.Add("2");
        ImageIndex index = ReadIndex();
        Assert.Equal(["app:1", "app:2", null],
            index.Manifests!.Select(m => m.Annotations?[AnnotationKeys.ReferenceName]).OrderBy(name => name ?? "z"));
        Assert.All(index.Manifests!, m => Assert.Equal(m.Size, new FileInfo(BlobPath(m.Digest)).Length));
        Store.Remove("app:1", force: false);
        Assert.Equal(2, ReadIndex().Manifests!.Count);
    }

    [Fact]
    public void Garbage_of_a_killed_session_is_collected_on_the_next_opening_and_not_while_one_is_open()
    {
        string kept = _fixture.Add("1", "app");
        string orphan;
        StoreSession killed = Store.OpenSession();
        File.WriteAllText(killed.NewFile(), "half a blob");
        orphan = BlobPath(Store.Blobs.Put(killed, "nobody refers to this"u8).ToString());

        Store.CollectGarbage();
        Assert.True(File.Exists(orphan), "it was collected while its session was open");
        killed.Abandon();

        _ = new ImageStore(_fixture.Options, _fixture.Catalogue, NullLogger.Instance);
        Assert.False(File.Exists(orphan));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_fixture.Content, "ingest")));
        Assert.True(File.Exists(BlobPath(kept)));
    }

    [Fact]
    public async Task Several_engines_on_one_root_add_and_remove_at_once()
    {
        await Parallel.ForAsync(0, 8, (worker, _) =>
        {
            using CatalogueDatabase catalogue = CatalogueDatabase.Open(Path.Combine(_fixture.Options.Root, "catalogue.db"));
            var store = new ImageStore(_fixture.Options, catalogue, NullLogger.Instance);
            for (int i = 0; i < 5; i++)
            {
                StoreFixture.Add(store, $"{worker}", $"w{worker}:{i}", "shared:latest");
                if (i % 2 == 1) store.Remove($"w{worker}:{i}", force: true);
            }

            return ValueTask.CompletedTask;
        });
        List<NamedImage> images = Store.List([], dangling: false);
        Assert.Equal(8, images.DistinctBy(image => image.Row.Id).Count());
        Assert.Equal((8 * 3) + 1, images.Count);
        Assert.Equal(images.Count, ReadIndex().Manifests!.Count);
        Assert.All(images, image => Assert.True(File.Exists(BlobPath(image.Row.Id)) && File.Exists(BlobPath(image.Row.Manifest))));
    }

    [Fact]
    public void A_blob_with_a_wrong_digest_never_enters_the_store()
    {
        string file = _fixture.Scratch["blob"];
        File.WriteAllText(file, "content");
        using StoreSession session = Store.OpenSession();
        using var source = File.OpenHandle(file);
        Digest wrong = Digest.Of("other"u8);
        var mismatch = Assert.Throws<DockerIntegrityException>(
            () => Store.Blobs.Copy(session, source, 0, 7, wrong, "blob", false, null, CancellationToken.None));
        Assert.Equal("DigestMismatch", mismatch.ErrorId);
        Assert.Contains(wrong.Hex, mismatch.Message, StringComparison.Ordinal);
        Assert.Contains(Digest.Of("content"u8).Hex, mismatch.Message, StringComparison.Ordinal);
        var cut = Assert.Throws<DockerIntegrityException>(
            () => Store.Blobs.Copy(session, source, 0, 8, null, "blob", false, null, CancellationToken.None));
        Assert.Equal("ArchiveInvalid", cut.ErrorId);
        Assert.False(Store.Blobs.Has(wrong));
        Assert.Empty(Directory.GetFiles(session.Directory));
    }

    private string BlobPath(string digest) => Path.Combine(_fixture.Content, "blobs", "sha256", digest[7..]);

    private ImageIndex ReadIndex() =>
        JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(_fixture.Content, "index.json")), ImageSpecJson.Default.ImageIndex)!;
}
