using DockerPS.Engine;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerPS.Units.Images;

/// <summary>A store of one test. Its images have no layers, so that neither root nor the native executable is needed.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public StoreFixture()
    {
        Options = new EngineOptions { Root = _directory["root"], RunRoot = _directory["run"], RuntimePath = "/nonexistent/dockerps-runtime" };
        Directory.CreateDirectory(Options.Root);
        Catalogue = CatalogueDatabase.Open(Path.Combine(Options.Root, "catalogue.db"));
        Store = new ImageStore(Options, Catalogue, NullLogger.Instance);
    }

    public EngineOptions Options { get; }

    public CatalogueDatabase Catalogue { get; }

    public ImageStore Store { get; }

    public string Content => Path.Combine(Options.Root, "content");

    public TemporaryDirectory Scratch => _directory;

    /// <summary>Adds an image without layers; the text makes its id.</summary>
    public string Add(string text, params string[] names) => Add(Store, text, names);

    public static string Add(ImageStore store, string text, params string[] names)
    {
        byte[] config = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            new ImageConfig { Architecture = "amd64", Os = "linux", Author = text, Rootfs = new() { DiffIds = [] }, Created = "2024-01-01T00:00:00Z" },
            ImageSpecJson.Writing.ImageConfig);
        using StoreSession session = store.OpenSession();
        new ImageWriter(store, session, null).WriteAsync(
            new(config, null, [], [.. names.Select(ImageReference.Parse)]), CancellationToken.None).GetAwaiter().GetResult();
        return Digest.Of(config).ToString();
    }

    /// <summary>A container's row that uses the image.</summary>
    public void Use(string imageId, string container)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        lease.Execute(
            "INSERT INTO containers (id, name, image, image_id, created, state, spec) VALUES ($id, $id, 'x', $image, 0, 'exited', '{}')",
            ("$id", container), ("$image", imageId));
    }

    public void Free(string container)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        lease.Execute("DELETE FROM containers WHERE id = $id", ("$id", container));
    }

    public void Dispose()
    {
        Catalogue.Dispose();
        _directory.Dispose();
    }
}
