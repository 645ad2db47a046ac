namespace DockerPS.Engine.Containers;

/// <summary>
/// The right to change one container, among all threads and processes: an exclusive lock on its file <c>lock</c> (flock(2)), which
/// the kernel gives back when its holder dies. Whoever gets it reads the row again: the container may have changed or gone meanwhile.
/// </summary>
internal sealed class ContainerLock : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private const int ErrnoWouldBlock = 11;
    private readonly FileStream _file;

    private ContainerLock(string id, FileStream file) => (Id, _file) = (id, file);

    /// <summary>The container's.</summary>
    public string Id { get; }

    /// <summary>Takes the lock at once or returns null, also when the container has no files.</summary>
    public static ContainerLock? Try(ContainerDirectory directory)
    {
        try
        {
            return Open(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Waits for the lock; null when the container has no directory.</summary>
    /// <exception cref="DockerConflictException">ContainerBusy: another session has held it for a minute.</exception>
    public static async ValueTask<ContainerLock?> TakeAsync(ContainerDirectory directory, CancellationToken cancellationToken)
    {
        long start = Environment.TickCount64;
        for (int delay = 1; ; delay = Math.Min(delay * 2, 20))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return Open(directory);
            }
            catch (DirectoryNotFoundException)
            {
                return null;
            }
            catch (IOException e) when (e.HResult == ErrnoWouldBlock)
            {
                if (Environment.TickCount64 - start > Longest.TotalMilliseconds)
                {
                    throw new DockerConflictException(
                        "ContainerBusy",
                        $"Another session has been changing container {directory.Id[..12]} for a minute. Wait for it to finish, then try again.",
                        directory.Id,
                        e);
                }
            }

            await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _file.Dispose();

    private static ContainerLock Open(ContainerDirectory directory) =>
        new(directory.Id, new FileStream(directory.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
}
