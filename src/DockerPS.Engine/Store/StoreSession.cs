namespace DockerPS.Engine.Store;

/// <summary>
/// Somebody is changing the store. While a session is open nothing unreferenced is collected, in any process, so that what it has
/// added and not yet written into the catalogue is safe. Its directory holds temporary files; a directory whose session is gone tells
/// the next opening that there is something to collect.
/// </summary>
internal sealed class StoreSession : IDisposable
{
    private readonly FileLock _lock;
    private int _files;

    private StoreSession(FileLock held, string directory)
    {
        _lock = held;
        Directory = directory;
    }

    /// <summary>For temporary files; on the same file system as the store.</summary>
    public string Directory { get; }

    public static StoreSession Open(StoreLayout layout)
    {
        FileLock held = FileLock.Take(layout.SessionLock, shared: true);
        try
        {
            string directory = Path.Combine(layout.Ingest, Guid.NewGuid().ToString("N"));
            System.IO.Directory.CreateDirectory(directory);
            return new StoreSession(held, directory);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>A path that is not taken.</summary>
    public string NewFile() => Path.Combine(Directory, $"{Interlocked.Increment(ref _files)}");

    /// <summary>Ends the session, leaving its directory as the sign that there is garbage.</summary>
    public void Abandon() => _lock.Dispose();

    /// <summary>Ends the session and removes its temporary files.</summary>
    public void Dispose()
    {
        try
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
        catch (IOException)
        {
            // It stays as the sign for the next collection.
        }

        _lock.Dispose();
    }
}
