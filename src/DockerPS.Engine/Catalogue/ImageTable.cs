using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine.Catalogue;

/// <summary>
/// Rows of images and their names. <c>removed</c> marks an image that was removed by force while containers used it: nobody sees it,
/// and it stays until the last of them is gone.
/// </summary>
internal static class ImageTable
{
    public const string Schema = """
        CREATE TABLE images (
            id TEXT PRIMARY KEY,
            manifest TEXT NOT NULL,
            manifest_size INTEGER NOT NULL,
            created INTEGER NOT NULL,
            size INTEGER NOT NULL,
            platform TEXT NOT NULL,
            layers TEXT NOT NULL,
            config TEXT NOT NULL,
            removed INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE tags (
            reference TEXT PRIMARY KEY,
            image_id TEXT NOT NULL REFERENCES images (id)
        ) STRICT;
        CREATE INDEX tags_image ON tags (image_id);
        """;

    /// <summary>Since version 2: images of registries keep their manifests, which may be of Docker's type.</summary>
    public const string ManifestType =
        "ALTER TABLE images ADD COLUMN manifest_type TEXT NOT NULL DEFAULT 'application/vnd.oci.image.manifest.v1+json'";

    private const string Columns =
        "i.id, i.manifest, i.manifest_size, i.created, i.size, i.platform, i.layers, i.config, i.removed, t.reference, i.manifest_type, "
        + "(SELECT group_concat(d.repository || '@' || d.digest, ' ' ORDER BY d.rowid DESC) FROM repository_digests d WHERE d.image_id = i.id)";

    /// <summary>Every image under every name, newest first; without a name once.</summary>
    public static List<NamedImage> All(CatalogueDatabase.Lease lease, bool withRemoved = false) => Read(lease.Command(
        $"SELECT {Columns} FROM images i LEFT JOIN tags t ON t.image_id = i.id {(withRemoved ? "" : "WHERE i.removed = 0")} "
        + "ORDER BY i.created DESC, i.id, t.reference"));

    /// <summary>The image of a name, null when there is none.</summary>
    public static NamedImage? ByReference(CatalogueDatabase.Lease lease, string reference)
    {
        List<NamedImage> images = Read(lease.Command(
            $"SELECT {Columns} FROM tags t JOIN images i ON i.id = t.image_id WHERE t.reference = $reference",
            ("$reference", reference)));
        return images.Count > 0 ? images[0] : null;
    }

    /// <summary>An image by its whole id, under each of its names.</summary>
    public static List<NamedImage> ById(CatalogueDatabase.Lease lease, string id, bool withRemoved = false) => Read(lease.Command(
        $"SELECT {Columns} FROM images i LEFT JOIN tags t ON t.image_id = i.id "
        + $"WHERE i.id = $id {(withRemoved ? "" : "AND i.removed = 0")} ORDER BY t.reference",
        ("$id", id)));

    /// <summary>Images whose manifest has this digest, under each of their names.</summary>
    public static List<NamedImage> ByManifest(CatalogueDatabase.Lease lease, string digest) => Read(lease.Command(
        $"SELECT {Columns} FROM images i LEFT JOIN tags t ON t.image_id = i.id "
        + "WHERE i.manifest = $manifest AND i.removed = 0 ORDER BY t.reference",
        ("$manifest", digest)));

    /// <summary>Up to two ids that begin with <c>sha256:</c> and these digits.</summary>
    public static List<string> IdsByPrefix(CatalogueDatabase.Lease lease, string digits)
    {
        // 'g' follows the last hexadecimal digit: a range on the primary key, where LIKE would read the table.
        using SqliteCommand command = lease.Command(
            "SELECT id FROM images WHERE id >= $from AND id < $to AND removed = 0 LIMIT 2",
            ("$from", "sha256:" + digits), ("$to", "sha256:" + digits + "g"));
        return ReadTexts(command);
    }

    /// <summary>All names.</summary>
    public static List<string> References(CatalogueDatabase.Lease lease)
    {
        using SqliteCommand command = lease.Command("SELECT reference FROM tags ORDER BY reference");
        return ReadTexts(command);
    }

    /// <summary>Names (else short ids) of containers that use an image.</summary>
    public static List<string> Users(CatalogueDatabase.Lease lease, string id)
    {
        using SqliteCommand command = lease.Command(
            "SELECT name FROM containers WHERE image_id = $id OR id IN (SELECT container_id FROM mounted_images WHERE image_id = $id) ORDER BY name", ("$id", id));
        return ReadTexts(command);
    }

    /// <summary>Adds an image, or brings one back that was removed by force.</summary>
    public static void Put(CatalogueDatabase.Lease lease, ImageRow row) => lease.Execute(
        """
        INSERT INTO images (id, manifest, manifest_type, manifest_size, created, size, platform, layers, config)
        VALUES ($id, $manifest, $manifestType, $manifestSize, $created, $size, $platform, $layers, $config)
        ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest, manifest_type = excluded.manifest_type,
            manifest_size = excluded.manifest_size, layers = excluded.layers, size = excluded.size, removed = 0
        """,
        ("$id", row.Id),
        ("$manifest", row.Manifest),
        ("$manifestType", row.ManifestType),
        ("$manifestSize", row.ManifestSize),
        ("$created", row.Created.UtcTicks),
        ("$size", row.Size),
        ("$platform", row.Platform),
        ("$layers", JsonSerializer.Serialize(row.Layers, ImageRowJson.Default.IReadOnlyListImageLayer)),
        ("$config", JsonSerializer.Serialize(row.Config, ImageRowJson.Default.ContainerImageConfiguration)));

    /// <summary>Gives a name to an image; whoever had it loses it.</summary>
    public static void Tag(CatalogueDatabase.Lease lease, string reference, string id) => lease.Execute(
        "INSERT INTO tags (reference, image_id) VALUES ($reference, $id) ON CONFLICT (reference) DO UPDATE SET image_id = excluded.image_id",
        ("$reference", reference), ("$id", id));

    public static void Untag(CatalogueDatabase.Lease lease, string reference) =>
        lease.Execute("DELETE FROM tags WHERE reference = $reference", ("$reference", reference));

    /// <summary>Removes an image and all its names; while containers use it, it is only hidden.</summary>
    public static void Remove(CatalogueDatabase.Lease lease, string id)
    {
        lease.Execute("DELETE FROM tags WHERE image_id = $id", ("$id", id));
        lease.Execute("UPDATE images SET removed = 1 WHERE id = $id", ("$id", id));
        RemoveUnused(lease);
    }

    /// <summary>Deletes hidden rows that no container uses any more; returns how many.</summary>
    public static int RemoveUnused(CatalogueDatabase.Lease lease) =>
        lease.Execute("DELETE FROM images WHERE removed = 1 AND id NOT IN (SELECT image_id FROM containers) "
            + "AND id NOT IN (SELECT image_id FROM mounted_images)");

    private static List<string> ReadTexts(SqliteCommand command)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read()) texts.Add(reader.GetString(0));
        return texts;
    }

    private static List<NamedImage> Read(SqliteCommand command)
    {
        using (command)
        {
            using SqliteDataReader reader = command.ExecuteReader();
            var images = new List<NamedImage>();
            ImageRow? row = null;
            while (reader.Read())
            {
                // Rows of one image follow each other, so that its JSON is read once.
                string id = reader.GetString(0);
                if (row?.Id != id)
                {
                    row = new ImageRow
                    {
                        Id = id,
                        Manifest = reader.GetString(1),
                        ManifestSize = reader.GetInt64(2),
                        Created = new DateTimeOffset(reader.GetInt64(3), TimeSpan.Zero),
                        Size = reader.GetInt64(4),
                        Platform = reader.GetString(5),
                        Layers = JsonSerializer.Deserialize(reader.GetString(6), ImageRowJson.Default.IReadOnlyListImageLayer) ?? [],
                        Config = JsonSerializer.Deserialize(reader.GetString(7), ImageRowJson.Default.ContainerImageConfiguration) ?? new(),
                        Removed = reader.GetInt64(8) != 0,
                        ManifestType = reader.GetString(10),
                        RepositoryDigests = reader.IsDBNull(11) ? [] : [.. reader.GetString(11).Split(' ').Distinct()],
                    };
                }

                images.Add(new NamedImage(row, reader.IsDBNull(9) ? null : reader.GetString(9)));
            }

            return images;
        }
    }
}
