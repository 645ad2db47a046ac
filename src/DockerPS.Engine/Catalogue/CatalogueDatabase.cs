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
    public const int Version = 5;

    private readonly string _connectionString;
    private readonly Stack<PooledConnection> _idle = new();
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
        if (!OperatingSystem.IsWindows() && !File.Exists(path)) MakeFile(path);
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

    /// <summary>An empty file is an empty database, and SQLite gives the files beside it the same mode.</summary>
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void MakeFile(string path) => new FileStream(
        path,
        new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }).Dispose();

    /// <summary>A connection for one thread; give it back by disposing.</summary>
    public Lease Rent()
    {
        lock (_idle)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_idle.TryPop(out PooledConnection? idle)) return new Lease(this, idle);
        }

        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using SqliteCommand pragmas = connection.CreateCommand();
        pragmas.CommandText = "PRAGMA busy_timeout=30000; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;";
        pragmas.ExecuteNonQuery();
        return new Lease(this, new PooledConnection(connection));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_idle)
        {
            _disposed = true;
            while (_idle.TryPop(out PooledConnection? connection)) connection.Dispose();
        }
    }

    private static void Migrate(Lease lease)
    {
        using SqliteTransaction transaction = lease.BeginWrite();
        // Another process may have migrated while this one waited for the write lock.
        long version = lease.Scalar("PRAGMA user_version");
        if (version < Version)
        {
            if (version < 1)
            {
                lease.Execute(ContainerTable.Schema);
                lease.Execute(ImageTable.Schema);
            }

            if (version < 2)
            {
                lease.Execute(ImageTable.ManifestType);
                lease.Execute(RepositoryDigestTable.Schema);
            }

            if (version < 3) lease.Execute(NetworkTable.Schema);
            if (version < 4) lease.Execute(VolumeTable.Schema);
            if (version < 5) lease.Execute(VolumeTable.Named);
            lease.Execute($"PRAGMA user_version={Version.ToString(CultureInfo.InvariantCulture)}");
        }

        transaction.Commit();
    }

    private void Return(PooledConnection connection)
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
    internal readonly struct Lease(CatalogueDatabase owner, PooledConnection pooled) : IDisposable
    {
        public SqliteConnection Connection { get; } = pooled.Connection;

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

        /// <summary>
        /// The command of a text that is used often: parsed and compiled once for each connection, not to be disposed. The
        /// parameters are bound afresh at each call. For statements outside of a transaction of <see cref="BeginWrite"/>.
        /// </summary>
        public SqliteCommand Prepared(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            SqliteCommand command = pooled.Prepared(sql);
            for (int i = 0; i < parameters.Length; i++)
            {
                (string name, object? value) = parameters[i];
                if (i < command.Parameters.Count) command.Parameters[i].Value = value ?? DBNull.Value;
                else command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            }

            return command;
        }

        public void Dispose() => owner.Return(pooled);
    }

    /// <summary>A connection with its compiled commands.</summary>
    internal sealed class PooledConnection(SqliteConnection connection) : IDisposable
    {
        private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

        public SqliteConnection Connection { get; } = connection;

        public SqliteCommand Prepared(string sql)
        {
            if (_prepared.TryGetValue(sql, out SqliteCommand? known)) return known;
            SqliteCommand command = Connection.CreateCommand();
            command.CommandText = sql;
            _prepared.Add(sql, command);
            return command;
        }

        public void Dispose()
        {
            foreach (SqliteCommand command in _prepared.Values) command.Dispose();
            Connection.Dispose();
        }
    }
}
