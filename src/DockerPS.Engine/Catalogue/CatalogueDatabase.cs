using System.Globalization;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine.Catalogue;

/// <summary>
/// catalogue.db: what exists. One file for all sessions; SQLite in WAL mode makes readers and one writer at a time safe across
/// processes. Tables are used through one class each (<c>ContainerTable</c>, <c>ImageTable</c>).
/// </summary>
internal sealed class CatalogueDatabase : IDisposable
{
    /// <summary>Version of the schema that this engine writes (PRAGMA user_version).</summary>
    public const int Version = 1;

    private readonly string _connectionString;
    private readonly Stack<SqliteConnection> _idle = new();
    private bool _disposed;

    private CatalogueDatabase(string path) => _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Pooling = false,
        DefaultTimeout = 30,
    }.ToString();

    /// <summary>Opens the catalogue, making or migrating it. The directory must exist.</summary>
    /// <exception cref="DockerEnvironmentException">CatalogueTooNew: it was written by a newer version.</exception>
    public static CatalogueDatabase Open(string path)
    {
        var database = new CatalogueDatabase(path);
        using Lease lease = database.Rent();
        long version = lease.Scalar("PRAGMA user_version");
        if (version > Version)
        {
            database.Dispose();
            throw new DockerEnvironmentException(
                "CatalogueTooNew",
                $"The catalogue '{path}' has version {version.ToString(CultureInfo.InvariantCulture)}, and this module knows "
                + $"{Version.ToString(CultureInfo.InvariantCulture)} at most. Update the DockerPS module, or set DOCKERPS_ROOT to another store.",
                path);
        }

        if (version < Version) Migrate(lease);
        return database;
    }

    /// <summary>A connection for one thread; give it back by disposing.</summary>
    public Lease Rent()
    {
        lock (_idle)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_idle.TryPop(out SqliteConnection? idle)) return new Lease(this, idle);
        }

        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using SqliteCommand pragmas = connection.CreateCommand();
        pragmas.CommandText = "PRAGMA busy_timeout=30000; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;";
        pragmas.ExecuteNonQuery();
        return new Lease(this, connection);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_idle)
        {
            _disposed = true;
            while (_idle.TryPop(out SqliteConnection? connection)) connection.Dispose();
        }
    }

    private static void Migrate(Lease lease)
    {
        using SqliteTransaction transaction = lease.BeginWrite();
        // Another process may have migrated while this one waited for the write lock.
        if (lease.Scalar("PRAGMA user_version") < Version)
        {
            lease.Execute(ContainerTable.Schema);
            lease.Execute(ImageTable.Schema);
            lease.Execute($"PRAGMA user_version={Version.ToString(CultureInfo.InvariantCulture)}");
        }

        transaction.Commit();
    }

    private void Return(SqliteConnection connection)
    {
        lock (_idle)
        {
            if (!_disposed)
            {
                _idle.Push(connection);
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>A rented connection.</summary>
    internal readonly struct Lease(CatalogueDatabase owner, SqliteConnection connection) : IDisposable
    {
        public SqliteConnection Connection { get; } = connection;

        /// <summary>Takes the write lock at once (BEGIN IMMEDIATE), so that what is read in it stays true until the commit.</summary>
        public SqliteTransaction BeginWrite() => Connection.BeginTransaction(deferred: false);

        public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            using SqliteCommand command = Command(sql, parameters);
            return command.ExecuteNonQuery();
        }

        public long Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            using SqliteCommand command = Command(sql, parameters);
            return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        }

        public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            SqliteCommand command = Connection.CreateCommand();
            command.CommandText = sql;
            foreach ((string name, object? value) in parameters) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            return command;
        }

        public void Dispose() => owner.Return(Connection);
    }
}
