using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Runtime;

/// <summary>What the failure of a verb on archives means for a caller.</summary>
internal static class RuntimeFailures
{
    private const int EPERM = 1;
    private const int EACCES = 13;
    private const int ENOSPC = 28;
    private const int EDQUOT = 122;

    public static DockerException ToException(RuntimeFailure failure) => failure.Stage switch
    {
        _ when failure.Errno is ENOSPC or EDQUOT => new DockerEnvironmentException(
            "StoreFull",
            $"There is no space left in the store: {failure.Text} Remove images or containers that you do not need, or set "
            + "DOCKERPS_ROOT to a larger disk."),
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
}
