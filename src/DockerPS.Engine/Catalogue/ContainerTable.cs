using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine.Catalogue;

/// <summary>What became of a new row.</summary>
internal enum InsertResult
{
    Inserted,
    NameTaken,
    ImageGone,
}

/// <summary>Rows of containers. Each method is one statement, hence atomic.</summary>
internal static class ContainerTable
{
    public const string Schema = """
        CREATE TABLE containers (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            image TEXT NOT NULL,
            image_id TEXT NOT NULL,
            created INTEGER NOT NULL,
            state TEXT NOT NULL,
            started INTEGER,
            finished INTEGER,
            exit_code INTEGER,
            oom_killed INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            auto_remove INTEGER NOT NULL DEFAULT 0,
            spec TEXT NOT NULL
        ) STRICT;
        CREATE INDEX containers_created ON containers (created DESC);
        CREATE INDEX containers_image ON containers (image_id);
        CREATE INDEX containers_state ON containers (state) WHERE state = 'running';
        """;

    private const string Columns =
        "id, name, image, image_id, created, state, started, finished, exit_code, oom_killed, error, spec";

    private const int UniqueViolation = 2067;

    /// <summary>Adds a container of an image that is still there: an image that is being removed gets no new ones.</summary>
    public static InsertResult TryInsert(CatalogueDatabase database, ContainerRow row)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        return Insert(lease, row, inTransaction: false);
    }

    /// <summary>
    /// As above, for a container that needs ids or addresses which no other has: what completes its specification sees all that are taken,
    /// and no other session adds one meanwhile.
    /// </summary>
    /// <param name="database">The catalogue.</param>
    /// <param name="row">The row; with the completed specification when this returns.</param>
    /// <param name="complete">Makes the specification of itself and of the ids of the host that others have; null leaves it.</param>
    /// <param name="alongside">Writes rows that belong to it, in the same transaction.</param>
    public static InsertResult TryInsert(
        CatalogueDatabase database, ref ContainerRow row, Func<ContainerSpec, List<ContainerIdMapping>, ContainerSpec>? complete,
        Action<CatalogueDatabase.Lease, ContainerRow>? alongside = null)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        using SqliteTransaction transaction = lease.BeginWrite();
        if (complete is not null) row = row with { Spec = complete(row.Spec, TakenIds(lease)) };
        InsertResult result = Insert(lease, row, inTransaction: true);
        if (result != InsertResult.Inserted) return result;
        alongside?.Invoke(lease, row);
        transaction.Commit();
        return result;
    }

    /// <summary>The host's ids, users and groups together, that containers with a user namespace have.</summary>
    private static List<ContainerIdMapping> TakenIds(CatalogueDatabase.Lease lease)
    {
        var taken = new List<ContainerIdMapping>();
        using SqliteCommand command = lease.Command("SELECT spec FROM containers WHERE spec LIKE '%\"uidMappings\":[{%'");
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            ContainerSpec spec = JsonSerializer.Deserialize(reader.GetString(0), ContainerSpecJson.Default.ContainerSpec)!;
            if (spec.UserNamespace is { } users) taken.AddRange([.. users.UidMappings, .. users.GidMappings]);
        }

        return taken;
    }

    private static InsertResult Insert(CatalogueDatabase.Lease lease, ContainerRow row, bool inTransaction)
    {
        const string Text = """
            INSERT INTO containers (id, name, image, image_id, created, state, auto_remove, spec)
            SELECT $id, $name, $image, $image_id, $created, $state, $auto_remove, $spec
            WHERE EXISTS (SELECT 1 FROM images WHERE id = $image_id)
            """;
        ReadOnlySpan<(string, object?)> values =
        [
            ("$id", row.Id),
            ("$name", row.Name),
            ("$image", row.Image),
            ("$image_id", row.ImageId),
            ("$created", row.Created.UtcTicks),
            ("$state", Word(row.State)),
            ("$auto_remove", row.AutoRemove ? 1 : 0),
            ("$spec", JsonSerializer.Serialize(row.Spec, ContainerSpecJson.Default.ContainerSpec)),
        ];
        try
        {
            int rows = inTransaction ? lease.Execute(Text, values) : lease.Prepared(Text, values).ExecuteNonQuery();
            return rows > 0 ? InsertResult.Inserted : InsertResult.ImageGone;
        }
        catch (SqliteException e) when (e.SqliteExtendedErrorCode == UniqueViolation)
        {
            return InsertResult.NameTaken;
        }
    }

    public static ContainerRow? ById(CatalogueDatabase database, string id) =>
        One(database, $"SELECT {Columns} FROM containers WHERE id = $key", id);

    public static ContainerRow? ByName(CatalogueDatabase database, string name) =>
        One(database, $"SELECT {Columns} FROM containers WHERE name = $key", name);

    /// <summary>Containers whose id begins with hexadecimal digits; at most two, which is enough to know that it is ambiguous.</summary>
    public static List<ContainerRow> ByPrefix(CatalogueDatabase database, string prefix)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        // 'g' follows all hexadecimal digits, so this is a range of the primary key.
        return Read(lease.Prepared(
            $"SELECT {Columns} FROM containers WHERE id >= $low AND id < $high LIMIT 2", ("$low", prefix), ("$high", prefix + "g")));
    }

    /// <summary>All containers, newest first.</summary>
    public static List<ContainerRow> All(CatalogueDatabase database)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        return Read(lease.Prepared($"SELECT {Columns} FROM containers ORDER BY created DESC, id"));
    }

    /// <summary>Containers that were started and whose end is not recorded, newest first.</summary>
    public static List<ContainerRow> Running(CatalogueDatabase database)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        return Read(lease.Prepared($"SELECT {Columns} FROM containers WHERE state = 'running' ORDER BY created DESC, id"));
    }

    public static List<string> Names(CatalogueDatabase database) =>
        Strings(database, "SELECT name FROM containers ORDER BY created DESC, id");

    public static List<string> Ids(CatalogueDatabase database) => Strings(database, "SELECT id FROM containers");

    /// <summary>Records that it was started, before it is: from here on its state.json is what counts.</summary>
    public static bool SetStarting(CatalogueDatabase database, string id) => Change(
        database, "UPDATE containers SET state = 'running', error = NULL, oom_killed = 0 WHERE id = $id", ("$id", id));

    /// <summary>Records the end of a run, or a start that failed.</summary>
    public static bool SetEnded(CatalogueDatabase database, ContainerRow row) => Change(
        database,
        """
        UPDATE containers SET state = $state, started = $started, finished = $finished, exit_code = $exit_code,
            oom_killed = $oom_killed, error = $error
        WHERE id = $id
        """,
        ("$state", Word(row.State)),
        ("$started", row.Started?.UtcTicks),
        ("$finished", row.Finished?.UtcTicks),
        ("$exit_code", row.ExitCode),
        ("$oom_killed", row.OomKilled ? 1 : 0),
        ("$error", row.Error),
        ("$id", row.Id));

    /// <summary>Records another specification.</summary>
    public static bool SetSpec(CatalogueDatabase database, string id, ContainerSpec spec) => Change(
        database, "UPDATE containers SET spec = $spec WHERE id = $id",
        ("$spec", JsonSerializer.Serialize(spec, ContainerSpecJson.Default.ContainerSpec)), ("$id", id));

    /// <summary>Gives another name; false when it is taken (<paramref name="found"/>) or the container is gone.</summary>
    public static bool TryRename(CatalogueDatabase database, string id, string name, out bool found)
    {
        try
        {
            return found = Change(database, "UPDATE containers SET name = $name WHERE id = $id", ("$name", name), ("$id", id));
        }
        catch (SqliteException e) when (e.SqliteExtendedErrorCode == UniqueViolation)
        {
            found = true;
            return false;
        }
    }

    public static bool Delete(CatalogueDatabase database, string id) =>
        Change(database, "DELETE FROM containers WHERE id = $id", ("$id", id));

    private static bool Change(
        CatalogueDatabase database, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        return lease.Prepared(sql, parameters).ExecuteNonQuery() > 0;
    }

    private static ContainerRow? One(CatalogueDatabase database, string sql, string key)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        return Read(lease.Prepared(sql, ("$key", key))) is [ContainerRow row, ..] ? row : null;
    }

    private static List<string> Strings(CatalogueDatabase database, string sql)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        using SqliteDataReader reader = lease.Prepared(sql).ExecuteReader();
        var values = new List<string>();
        while (reader.Read()) values.Add(reader.GetString(0));
        return values;
    }

    private static List<ContainerRow> Read(SqliteCommand command)
    {
        var rows = new List<ContainerRow>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(new ContainerRow
            {
                Id = reader.GetString(0),
                Name = reader.GetString(1),
                Image = reader.GetString(2),
                ImageId = reader.GetString(3),
                Created = new DateTimeOffset(reader.GetInt64(4), TimeSpan.Zero),
                State = State(reader.GetString(5)),
                Started = Time(reader, 6),
                Finished = Time(reader, 7),
                ExitCode = reader.IsDBNull(8) ? null : reader.GetInt32(8),
                OomKilled = reader.GetInt64(9) != 0,
                Error = reader.IsDBNull(10) ? null : reader.GetString(10),
                Spec = JsonSerializer.Deserialize(reader.GetString(11), ContainerSpecJson.Default.ContainerSpec)!,
            });
        }

        return rows;
    }

    private static DateTimeOffset? Time(SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new DateTimeOffset(reader.GetInt64(column), TimeSpan.Zero);

    private static string Word(ContainerState state) => state switch
    {
        ContainerState.Created => "created",
        ContainerState.Exited => "exited",
        _ => "running",
    };

    private static ContainerState State(string word) => word switch
    {
        "created" => ContainerState.Created,
        "exited" => ContainerState.Exited,
        _ => ContainerState.Running,
    };
}
