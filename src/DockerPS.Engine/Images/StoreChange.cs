using DockerPS.Engine.Store;

namespace DockerPS.Engine.Images;

/// <summary>The frame of everything that brings an image into the store.</summary>
internal static class StoreChange
{
    /// <summary>
    /// Runs <paramref name="change"/> within a session; when it fails or is cancelled, what it had added is collected, and errors of the disk become
    /// typed ones.
    /// </summary>
    public static async Task<T> RunAsync<T>(ImageStore store, EngineOptions options, Func<StoreSession, Task<T>> change)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new DockerEnvironmentException(
                "PermissionDenied", "Images are unpacked with their owners and devices, which needs root: run PowerShell as root (sudo pwsh).");
        }

        try
        {
            using StoreSession session = store.OpenSession();
            return await change(session).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            CollectAfterFailure(store);
            if (e is not DockerException && StoreErrors.From(e, options.Root) is { } error) throw error;
            throw;
        }
    }

    private static void CollectAfterFailure(ImageStore store)
    {
        try
        {
            store.CollectGarbage();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException)
        {
            // The first failure is the one to tell of. What it left is found by the next opening.
        }
    }
}
