using Microsoft.Data.Sqlite;

namespace DockerPS.Engine;

/// <summary>Says what a failure to open or write the store means for the user.</summary>
internal static class StoreErrors
{
    private const int SqliteReadOnly = 8;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;
    private const int ErrnoNoSpace = 28;
    private const int ErrnoQuota = 122;

    /// <summary>The typed error, or null when <paramref name="exception"/> is of another kind.</summary>
    public static DockerEnvironmentException? From(Exception exception, string root) => exception switch
    {
        UnauthorizedAccessException or SqliteException { SqliteErrorCode: SqliteReadOnly } => Refused(exception, root),
        // SQLite does not say why it could not open the file; for who is not root it is nearly always the reason.
        SqliteException { SqliteErrorCode: SqliteCannotOpen } when !Environment.IsPrivilegedProcess => Refused(exception, root),
        IOException { HResult: ErrnoNoSpace or ErrnoQuota } or SqliteException { SqliteErrorCode: SqliteFull } => new(
            "StoreFull",
            $"The file system of the store '{root}' is full. Free space there, or set DOCKERPS_ROOT to another file system; "
            + "then repeat the command: a pull goes on where it stopped.",
            root,
            exception),
        IOException or SqliteException { SqliteErrorCode: SqliteCannotOpen } => new(
            "StoreUnavailable",
            $"The store '{root}' cannot be opened: {exception.Message} Repair the path, or set DOCKERPS_ROOT to another one.",
            root,
            exception),
        _ => null,
    };

    private static DockerEnvironmentException Refused(Exception exception, string root) => new(
        "PermissionDenied",
        $"The store '{root}' may not be written by this user ({exception.Message}). Run PowerShell as root (sudo pwsh), or set "
        + "DOCKERPS_ROOT to a directory of your own.",
        root,
        exception);
}
