using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Runtime;

/// <summary>What the failure of a verb on archives means for a caller.</summary>
internal static class RuntimeFailures
{
    private const int EPERM = 1;
    private const int EACCES = 13;
    private const int ENOENT = 2;
    private const int ENOTDIR = 20;
    private const int ENOSPC = 28;
    private const int EROFS = 30;
    private const int EDQUOT = 122;

    public static DockerException ToException(RuntimeFailure failure) => failure.Stage switch
    {
        RuntimeStages.Path => PathFailure(failure),
        _ when failure.Errno is ENOSPC or EDQUOT => new DockerEnvironmentException(
            "StoreFull",
            $"There is no space left in the store: {failure.Text.TrimEnd('.')}. Remove images or containers that you do not need, or set "
            + "DOCKERPS_ROOT to a larger disk; then repeat the command: a pull goes on where it stopped."),
        _ when failure.Errno is EPERM or EACCES => new DockerEnvironmentException(
            "PermissionDenied", $"{failure.Text} Unpacking images needs root: run PowerShell as root (sudo pwsh)."),
        RuntimeStages.ArchiveUnsafe => new DockerIntegrityException(
            "ArchiveUnsafe", $"{failure.Text} The archive is hostile or broken; nothing of it was kept."),
        RuntimeStages.ArchiveTooLarge => new DockerIntegrityException(
            "LayerTooLarge",
            $"{failure.Text} Set DOCKERPS_MAX_LAYER_BYTES or DOCKERPS_MAX_LAYER_ENTRIES higher if you trust the archive."),
        RuntimeStages.Archive => new DockerIntegrityException(
            "ArchiveInvalid", $"{failure.Text} The archive is damaged: make or download it again."),
        RuntimeStages.Integrity => new DockerIntegrityException(
            "DigestMismatch", $"{failure.Text} The content is damaged or was changed: make or download it again."),
        RuntimeStages.Write => new DockerEnvironmentException("StoreUnavailable", $"The store cannot be written: {failure.Text}"),
        _ => new ContainerRuntimeException(
            "RuntimeFailed", failure.Text, null, failure.Stage, failure.Call, failure.Errno, failure.ExitCode),
    };

    /// <summary>Of a path that the user gave.</summary>
    private static DockerException PathFailure(RuntimeFailure failure) => failure.Errno switch
    {
        ENOENT => new DockerNotFoundException("PathNotFound", failure.Text),
        ENOTDIR => new DockerArgumentException("PathNotDirectory", failure.Text),
        ENOSPC or EDQUOT => new DockerEnvironmentException("DiskFull", $"There is no space left where it was to be copied to: {failure.Text} Free space there, then copy again."),
        EROFS => new DockerEnvironmentException("FileSystemReadOnly", $"{failure.Text} Its file system is read-only; choose another place, such as a volume; a tmpfs is there only while its container runs."),
        EPERM or EACCES => new DockerEnvironmentException("PathPermissionDenied", $"{failure.Text} Copying needs root: run PowerShell as root (sudo pwsh)."),
        0 => new DockerArgumentException("InvalidPath", failure.Text),
        _ => new DockerEnvironmentException("CopyFailed", failure.Text),
    };
}
