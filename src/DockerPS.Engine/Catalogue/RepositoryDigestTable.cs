using Microsoft.Data.Sqlite;

namespace DockerPS.Engine.Catalogue;

/// <summary>
/// What images are called in registries by content: the digest that a repository had for a name when the image was pulled or pushed. Of an
/// image for several platforms that is the index's; <c>manifest</c> is the digest of this platform's manifest then, and the same otherwise.
/// </summary>
internal static class RepositoryDigestTable
{
    public const string Schema = """
        CREATE TABLE repository_digests (
            repository TEXT NOT NULL,
            digest TEXT NOT NULL,
            manifest TEXT NOT NULL,
            image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
            PRIMARY KEY (repository, digest, manifest)
        ) STRICT;
        CREATE INDEX repository_digests_image ON repository_digests (image_id);
        """;

    /// <summary>Says that a repository has the image under this digest; it becomes the newest of them.</summary>
    /// <param name="lease">A connection.</param>
    /// <param name="repository">The familiar name, as in references of images.</param>
    /// <param name="digest">Of the manifest or index that the repository's name led to.</param>
    /// <param name="manifest">Of the image's manifest.</param>
    /// <param name="imageId">The image.</param>
    public static void Put(CatalogueDatabase.Lease lease, string repository, string digest, string manifest, string imageId) => lease.Execute(
        "INSERT OR REPLACE INTO repository_digests (repository, digest, manifest, image_id) VALUES ($repository, $digest, $manifest, $image)",
        ("$repository", repository), ("$digest", digest), ("$manifest", manifest), ("$image", imageId));

    /// <summary>Ids of images that a repository has under a digest, of an index or a manifest, newest first.</summary>
    public static List<(string ImageId, string Manifest)> Find(CatalogueDatabase.Lease lease, string repository, string digest)
    {
        using SqliteCommand command = lease.Command(
            """
            SELECT d.image_id, d.manifest FROM repository_digests d JOIN images i ON i.id = d.image_id
            WHERE d.repository = $repository AND (d.digest = $digest OR d.manifest = $digest) AND i.removed = 0 ORDER BY d.rowid DESC
            """,
            ("$repository", repository), ("$digest", digest));
        using SqliteDataReader reader = command.ExecuteReader();
        var found = new List<(string, string)>();
        while (reader.Read()) found.Add((reader.GetString(0), reader.GetString(1)));
        return found;
    }

    public static bool Has(CatalogueDatabase.Lease lease, string repository) =>
        lease.Scalar("SELECT EXISTS (SELECT 1 FROM repository_digests WHERE repository = $repository)", ("$repository", repository)) != 0;

    /// <summary>All digests: the store may hold indexes of them.</summary>
    public static List<string> Digests(CatalogueDatabase.Lease lease)
    {
        using SqliteCommand command = lease.Command("SELECT DISTINCT digest FROM repository_digests");
        using SqliteDataReader reader = command.ExecuteReader();
        var digests = new List<string>();
        while (reader.Read()) digests.Add(reader.GetString(0));
        return digests;
    }
}
