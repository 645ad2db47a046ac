namespace DockerPS.Engine.Images.Exports;

/// <summary>What a failure to write an export means for the user.</summary>
internal static class ExportErrors
{
    /// <summary>ENOSPC.</summary>
    public const int NoSpace = 28;

    private const int ErrnoQuota = 122;

    /// <summary>The typed error, or null when <paramref name="exception"/> is of another kind.</summary>
    public static DockerException? From(Exception exception, string path) => exception switch
    {
        UnauthorizedAccessException => new DockerEnvironmentException(
            "PermissionDenied", $"'{path}' cannot be written: {exception.Message} Choose a place that you may write to.", path, exception),
        DirectoryNotFoundException => new DockerNotFoundException(
            "PathNotFound", $"The directory of '{path}' is not there. Make it first, or choose another place.", path, exception),
        IOException { HResult: NoSpace or ErrnoQuota } => new DockerEnvironmentException(
            "DiskFull", $"There is no space left for '{path}'; nothing of it was kept. Free space there, or choose another place.", path, exception),
        IOException => new DockerEnvironmentException(
            "ExportFailed", $"'{path}' cannot be written: {exception.Message} Nothing of it was kept.", path, exception),
        _ => null,
    };
}
