using System.Text.Json;
using DockerPS.Engine.Networks;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine.Catalogue;

/// <summary>Rows of networks, of containers in them, and of the addresses that these have. A container's go with its row.</summary>
internal static class NetworkTable
{
    public const string Schema = """
        CREATE TABLE networks (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            created INTEGER NOT NULL,
            definition TEXT NOT NULL
        ) STRICT;
        CREATE TABLE attachments (
            network_id TEXT NOT NULL REFERENCES networks (id),
            container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            mac TEXT NOT NULL,
            aliases TEXT NOT NULL,
            PRIMARY KEY (network_id, container_id)
        ) STRICT;
        CREATE INDEX attachments_container ON attachments (container_id);
        CREATE TABLE leases (
            network_id TEXT NOT NULL,
            address TEXT NOT NULL,
            container_id TEXT NOT NULL,
            PRIMARY KEY (network_id, address),
            FOREIGN KEY (network_id, container_id) REFERENCES attachments (network_id, container_id) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX leases_container ON leases (container_id);
        """;

    private const string Columns = "id, name, created, definition";

    public static List<NetworkRow> All(CatalogueDatabase.Lease lease) => Read(lease.Command($"SELECT {Columns} FROM networks ORDER BY name"));

    public static NetworkRow? ByName(CatalogueDatabase.Lease lease, string name) =>
        Read(lease.Command($"SELECT {Columns} FROM networks WHERE name = $name", ("$name", name))).FirstOrDefault();

    /// <summary>Up to two whose id begins with these digits.</summary>
    public static List<NetworkRow> ByPrefix(CatalogueDatabase.Lease lease, string digits) => Read(lease.Command(
        $"SELECT {Columns} FROM networks WHERE id >= $from AND id < $to LIMIT 2", ("$from", digits), ("$to", digits + "g")));

    public static void Insert(CatalogueDatabase.Lease lease, NetworkRow row) => lease.Execute(
        "INSERT INTO networks (id, name, created, definition) VALUES ($id, $name, $created, $definition)",
        ("$id", row.Id), ("$name", row.Name), ("$created", row.Created.UtcTicks),
        ("$definition", JsonSerializer.Serialize(row.Definition, NetworkJson.Default.NetworkDefinition)));

    public static void Delete(CatalogueDatabase.Lease lease, string id) => lease.Execute("DELETE FROM networks WHERE id = $id", ("$id", id));

    private static List<NetworkRow> Read(SqliteCommand command)
    {
        using (command)
        {
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<NetworkRow>();
            while (reader.Read())
            {
                rows.Add(new NetworkRow
                {
                    Id = reader.GetString(0),
                    Name = reader.GetString(1),
                    Created = new DateTimeOffset(reader.GetInt64(2), TimeSpan.Zero),
                    Definition = JsonSerializer.Deserialize(reader.GetString(3), NetworkJson.Default.NetworkDefinition)!,
                });
            }

            return rows;
        }
    }
}
