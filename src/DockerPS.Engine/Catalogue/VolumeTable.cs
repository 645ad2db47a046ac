using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine.Catalogue;

/// <summary>A row of volumes.</summary>
internal sealed record VolumeRow
{
    public required string Name { get; init; }

    public required DateTimeOffset Created { get; init; }

    public bool Anonymous { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// Volumes, who uses them, and which images containers mount. A use goes with its container, and a volume in use cannot be deleted: the
/// database itself sees to both.
/// </summary>
internal static class VolumeTable
{
    public const string Schema = """
        CREATE TABLE volumes (
            name TEXT PRIMARY KEY,
            created INTEGER NOT NULL,
            anonymous INTEGER NOT NULL DEFAULT 0,
            labels TEXT NOT NULL,
            options TEXT NOT NULL
        ) STRICT;
        CREATE TABLE volume_uses (
            volume TEXT NOT NULL REFERENCES volumes (name),
            container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            PRIMARY KEY (volume, container_id)
        ) STRICT;
        CREATE INDEX volume_uses_container ON volume_uses (container_id);
        CREATE TABLE volume_snapshots (
            volume TEXT NOT NULL REFERENCES volumes (name) ON DELETE CASCADE,
            snapshot TEXT NOT NULL,
            created INTEGER NOT NULL,
            description TEXT NOT NULL,
            size INTEGER NOT NULL,
            shared INTEGER NOT NULL,
            PRIMARY KEY (volume, snapshot)
        ) STRICT;
        CREATE TABLE mounted_images (
            container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            image_id TEXT NOT NULL,
            PRIMARY KEY (container_id, image_id)
        ) STRICT;
        """;

    /// <summary>A container was given the volume by its name: it does not take the volume with it, even when that is an anonymous one.</summary>
    public const string Named = "ALTER TABLE volume_uses ADD COLUMN named INTEGER NOT NULL DEFAULT 0;";

    private const string Columns = "name, created, anonymous, labels, options";

    /// <summary>All volumes by name.</summary>
    public static List<VolumeRow> All(CatalogueDatabase.Lease lease) =>
        Read(lease.Command($"SELECT {Columns} FROM volumes ORDER BY name"));

    public static VolumeRow? ByName(CatalogueDatabase.Lease lease, string name) =>
        Read(lease.Command($"SELECT {Columns} FROM volumes WHERE name = $name", ("$name", name))) is [VolumeRow row, ..] ? row : null;

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(CatalogueDatabase.Lease lease, VolumeRow row) => lease.Execute(
        "INSERT INTO volumes (name, created, anonymous, labels, options) VALUES ($name, $created, $anonymous, $labels, $options) "
        + "ON CONFLICT (name) DO NOTHING",
        ("$name", row.Name),
        ("$created", row.Created.UtcTicks),
        ("$anonymous", row.Anonymous ? 1 : 0),
        ("$labels", Text(row.Labels)),
        ("$options", Text(row.Options))) > 0;

    /// <summary>Deletes a volume that no container uses; false when one does, or when it is not there.</summary>
    public static bool TryDelete(CatalogueDatabase.Lease lease, string name) => lease.Execute(
        "DELETE FROM volumes WHERE name = $name AND NOT EXISTS (SELECT 1 FROM volume_uses WHERE volume = $name)", ("$name", name)) > 0;

    /// <param name="lease">In the transaction that adds the container.</param>
    /// <param name="volume">Its name.</param>
    /// <param name="containerId">Who uses it.</param>
    /// <param name="named">It was asked for by that name.</param>
    public static void Use(CatalogueDatabase.Lease lease, string volume, string containerId, bool named) => lease.Execute(
        "INSERT INTO volume_uses (volume, container_id, named) VALUES ($volume, $container, $named) "
        + "ON CONFLICT (volume, container_id) DO UPDATE SET named = max(named, excluded.named)",
        ("$volume", volume), ("$container", containerId), ("$named", named ? 1 : 0));

    /// <summary>Volumes that a container was given by name.</summary>
    public static HashSet<string> NamedBy(CatalogueDatabase.Lease lease, string containerId) =>
        [.. Texts(lease.Command("SELECT volume FROM volume_uses WHERE container_id = $id AND named = 1", ("$id", containerId)))];

    public static void UseImage(CatalogueDatabase.Lease lease, string imageId, string containerId) => lease.Execute(
        "INSERT OR IGNORE INTO mounted_images (container_id, image_id) VALUES ($container, $image)", ("$container", containerId), ("$image", imageId));

    /// <summary>Names of containers by the volume that they use.</summary>
    public static Dictionary<string, List<string>> Users(CatalogueDatabase.Lease lease)
    {
        var users = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        using SqliteCommand command = lease.Command(
            "SELECT u.volume, c.name FROM volume_uses u JOIN containers c ON c.id = u.container_id ORDER BY c.name");
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (!users.TryGetValue(reader.GetString(0), out List<string>? names)) users[reader.GetString(0)] = names = [];
            names.Add(reader.GetString(1));
        }

        return users;
    }

    /// <summary>Ids of the containers that use a volume.</summary>
    public static List<string> UserIds(CatalogueDatabase.Lease lease, string volume) =>
        Texts(lease.Command("SELECT container_id FROM volume_uses WHERE volume = $volume", ("$volume", volume)));

    /// <summary>Anonymous volumes that were made for a container, or for one that it has them from, and that no other uses.</summary>
    public static List<string> OwnOf(CatalogueDatabase.Lease lease, string containerId) => Texts(lease.Command(
        """
        SELECT v.name FROM volumes v JOIN volume_uses u ON u.volume = v.name
        WHERE u.container_id = $id AND u.named = 0 AND v.anonymous = 1
            AND NOT EXISTS (SELECT 1 FROM volume_uses o WHERE o.volume = v.name AND o.container_id <> $id)
        """,
        ("$id", containerId)));

    public static List<ContainerVolumeSnapshot> Snapshots(CatalogueDatabase.Lease lease, string volume, Func<string, string> path)
    {
        var found = new List<ContainerVolumeSnapshot>();
        using SqliteCommand command = lease.Command(
            "SELECT snapshot, created, description, size, shared FROM volume_snapshots WHERE volume = $volume ORDER BY created", ("$volume", volume));
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            found.Add(new ContainerVolumeSnapshot
            {
                Volume = volume,
                Snapshot = reader.GetString(0),
                Created = new DateTimeOffset(reader.GetInt64(1), TimeSpan.Zero),
                Description = reader.GetString(2),
                Size = reader.GetInt64(3),
                Shared = reader.GetInt64(4) != 0,
                Path = path(reader.GetString(0)),
            });
        }

        return found;
    }

    /// <summary>False when the volume has a snapshot of that name.</summary>
    public static bool TryAddSnapshot(CatalogueDatabase.Lease lease, ContainerVolumeSnapshot snapshot) => lease.Execute(
        "INSERT INTO volume_snapshots (volume, snapshot, created, description, size, shared) "
        + "VALUES ($volume, $snapshot, $created, $description, $size, $shared) ON CONFLICT (volume, snapshot) DO NOTHING",
        ("$volume", snapshot.Volume), ("$snapshot", snapshot.Snapshot), ("$created", snapshot.Created.UtcTicks),
        ("$description", snapshot.Description), ("$size", snapshot.Size), ("$shared", snapshot.Shared ? 1 : 0)) > 0;

    public static bool DeleteSnapshot(CatalogueDatabase.Lease lease, string volume, string snapshot) => lease.Execute(
        "DELETE FROM volume_snapshots WHERE volume = $volume AND snapshot = $snapshot", ("$volume", volume), ("$snapshot", snapshot)) > 0;

    private static string Text(IReadOnlyDictionary<string, string> pairs) =>
        JsonSerializer.Serialize(pairs, VolumeRowJson.Default.IReadOnlyDictionaryStringString);

    private static Dictionary<string, string> Pairs(string text) =>
        new(JsonSerializer.Deserialize(text, VolumeRowJson.Default.IReadOnlyDictionaryStringString) ?? new Dictionary<string, string>());

    private static List<string> Texts(SqliteCommand command)
    {
        using (command)
        {
            using SqliteDataReader reader = command.ExecuteReader();
            var texts = new List<string>();
            while (reader.Read()) texts.Add(reader.GetString(0));
            return texts;
        }
    }

    private static List<VolumeRow> Read(SqliteCommand command)
    {
        using (command)
        {
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<VolumeRow>();
            while (reader.Read())
            {
                rows.Add(new VolumeRow
                {
                    Name = reader.GetString(0),
                    Created = new DateTimeOffset(reader.GetInt64(1), TimeSpan.Zero),
                    Anonymous = reader.GetInt64(2) != 0,
                    Labels = Pairs(reader.GetString(3)),
                    Options = Pairs(reader.GetString(4)),
                });
            }

            return rows;
        }
    }
}

[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class VolumeRowJson : JsonSerializerContext;
