using System.Text.Json;
using DockerPS.Engine.Networks;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine.Catalogue;

/// <summary>Rows of attachments with their leases (see <see cref="NetworkTable.Schema"/>).</summary>
internal static class AttachmentTable
{
    private const string Text =
        "SELECT a.network_id, a.container_id, c.name, a.position, a.mac, a.aliases, l.address FROM attachments a "
        + "JOIN containers c ON c.id = a.container_id LEFT JOIN leases l ON l.network_id = a.network_id AND l.container_id = a.container_id";

    public static List<AttachmentRow> OfContainer(CatalogueDatabase.Lease lease, string containerId) =>
        Read(lease.Command($"{Text} WHERE a.container_id = $id ORDER BY a.position, l.rowid", ("$id", containerId)));

    public static List<AttachmentRow> OfNetwork(CatalogueDatabase.Lease lease, string networkId) =>
        Read(lease.Command($"{Text} WHERE a.network_id = $id ORDER BY c.name, a.container_id, l.rowid", ("$id", networkId)));

    /// <summary>Addresses of a network that are taken.</summary>
    public static HashSet<string> Taken(CatalogueDatabase.Lease lease, string networkId)
    {
        using SqliteCommand command = lease.Command("SELECT address FROM leases WHERE network_id = $id", ("$id", networkId));
        using SqliteDataReader reader = command.ExecuteReader();
        var taken = new HashSet<string>();
        while (reader.Read()) taken.Add(reader.GetString(0));
        return taken;
    }

    public static void Insert(CatalogueDatabase.Lease lease, AttachmentRow row)
    {
        lease.Execute(
            "INSERT INTO attachments (network_id, container_id, position, mac, aliases) VALUES ($network, $container, $position, $mac, $aliases)",
            ("$network", row.NetworkId), ("$container", row.ContainerId), ("$position", row.Position), ("$mac", row.MacAddress),
            ("$aliases", JsonSerializer.Serialize(row.Aliases, NetworkJson.Default.IReadOnlyListString)));
        foreach (string address in row.Addresses)
        {
            lease.Execute(
                "INSERT INTO leases (network_id, address, container_id) VALUES ($network, $address, $container)",
                ("$network", row.NetworkId), ("$address", address), ("$container", row.ContainerId));
        }
    }

    /// <summary>Returns how many there were: none or one.</summary>
    public static int Delete(CatalogueDatabase.Lease lease, string networkId, string containerId) => lease.Execute(
        "DELETE FROM attachments WHERE network_id = $network AND container_id = $container", ("$network", networkId), ("$container", containerId));

    private static List<AttachmentRow> Read(SqliteCommand command)
    {
        using (command)
        {
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<AttachmentRow>();
            while (reader.Read())
            {
                string? address = reader.IsDBNull(6) ? null : reader.GetString(6);
                (string network, string container) = (reader.GetString(0), reader.GetString(1));
                // Rows of one attachment follow each other.
                if (rows is [.., var last] && last.NetworkId == network && last.ContainerId == container)
                {
                    rows[^1] = last with { Addresses = [.. last.Addresses, address!] };
                    continue;
                }

                rows.Add(new AttachmentRow
                {
                    NetworkId = network,
                    ContainerId = container,
                    Container = reader.GetString(2),
                    Position = reader.GetInt32(3),
                    MacAddress = reader.GetString(4),
                    Aliases = JsonSerializer.Deserialize(reader.GetString(5), NetworkJson.Default.IReadOnlyListString) ?? [],
                    Addresses = address is null ? [] : [address],
                });
            }

            return rows;
        }
    }
}
