namespace DockerPS.Engine;

/// <summary>
/// A lock that processes share: flock(2) on a file, as <see cref="FileStream"/> takes it. The kernel frees it when its holder dies.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const int WouldBlock = 11;
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes it at once or returns null.</summary>
    public static FileLock? TryTake(string path, bool shared, bool temporary = false)
    {
        try
        {
            // Sharing none is LOCK_EX and sharing is LOCK_SH, both without waiting.
            return new FileLock(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = shared ? FileShare.ReadWrite : FileShare.None,
                BufferSize = 0,
                Options = temporary ? FileOptions.DeleteOnClose : FileOptions.None,
            }));
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            return null;
        }
    }

    /// <summary>Waits for it.</summary>
    public static async Task<FileLock> TakeAsync(string path, bool shared, bool temporary, CancellationToken cancellationToken)
    {
        for (int wait = 1; ; wait = Math.Min(wait * 2, 50))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(path, shared, temporary) is { } taken) return taken;
            await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for it on this thread; for locks that are held for moments only.</summary>
    public static FileLock Take(string path, bool shared)
    {
        for (int wait = 1; ; wait = Math.Min(wait * 2, 20))
        {
            if (TryTake(path, shared) is { } taken) return taken;
            Thread.Sleep(wait);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
