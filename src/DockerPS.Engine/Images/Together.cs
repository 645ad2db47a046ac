namespace DockerPS.Engine.Images;

/// <summary>Work on several parts of an image at once.</summary>
internal static class Together
{
    /// <summary>Waits for all, so that nothing works on after a failure, and throws what failed first, not what was stopped by it.</summary>
    public static Task<T[]> AllAsync<T>(Task<T>[] tasks) => FailureFirstAsync(Task.WhenAll(tasks));

    /// <summary>As <see cref="AllAsync"/>, of work that somebody else has put together.</summary>
    public static async Task<T> FailureFirstAsync<T>(Task<T> all)
    {
        await FailureFirstAsync((Task)all).ConfigureAwait(false);
        return await all.ConfigureAwait(false);
    }

    /// <inheritdoc cref="FailureFirstAsync{T}"/>
    public static async Task FailureFirstAsync(Task all)
    {
        try
        {
            await all.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (all.Exception?.InnerExceptions.FirstOrDefault(e => e is not OperationCanceledException) is { } real)
        {
            throw real;
        }
    }
}
