using System.Management.Automation;

namespace DockerPS.Module.Hosting;

/// <summary>The only maker of error records: an exception's kind decides the category, its ErrorId the identifier.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of an exception; the target is the user's item, else what the exception is about.</summary>
    public static ErrorRecord From(Exception exception, object? target = null)
    {
        if (exception is AggregateException { InnerExceptions: [Exception only] }) exception = only;
        string id = exception switch
        {
            DockerException docker => docker.ErrorId,
            FormatException => "InvalidFormat",
            UnauthorizedAccessException => "PermissionDenied",
            FileNotFoundException or DirectoryNotFoundException or ItemNotFoundException => "PathNotFound",
            IOException => "InputOutputFailed",
            ArgumentException => "InvalidArgument",
            PlatformNotSupportedException => "PlatformNotSupported",
            IContainsErrorRecord { ErrorRecord.FullyQualifiedErrorId: { Length: > 0 } own } => own,
            _ => "EngineFailed",
        };
        return new ErrorRecord(exception, id, Category(exception), target ?? (exception as DockerException)?.Subject);
    }

    private static ErrorCategory Category(Exception exception) => exception switch
    {
        DockerNotFoundException => ErrorCategory.ObjectNotFound,
        DockerConflictException { ErrorId: string id } when id.EndsWith("Ambiguous", StringComparison.Ordinal) =>
            ErrorCategory.InvalidArgument,
        DockerConflictException { ErrorId: string id } when IsBusy(id) => ErrorCategory.ResourceBusy,
        DockerConflictException => ErrorCategory.ResourceExists,
        DockerInvalidStateException => ErrorCategory.InvalidOperation,
        DockerArgumentException { ErrorId: string id } when id.EndsWith("NotSupported", StringComparison.Ordinal) =>
            ErrorCategory.NotImplemented,
        DockerArgumentException or FormatException or ArgumentException => ErrorCategory.InvalidArgument,
        DockerIntegrityException => ErrorCategory.InvalidData,
        DockerEnvironmentException { ErrorId: string id } when IsPermission(id) => ErrorCategory.PermissionDenied,
        DockerEnvironmentException or PlatformNotSupportedException => ErrorCategory.ResourceUnavailable,
        DockerRegistryException registry => OfRegistry(registry),
        ContainerExitException => ErrorCategory.InvalidResult,
        ContainerRuntimeException { ExitCode: 127 } => ErrorCategory.ObjectNotFound,
        ContainerRuntimeException { ExitCode: 126 } or ContainerRuntimeException { Errno: 1 or 13 } =>
            ErrorCategory.PermissionDenied,
        ContainerRuntimeException => ErrorCategory.InvalidOperation,
        UnauthorizedAccessException => ErrorCategory.PermissionDenied,
        FileNotFoundException or DirectoryNotFoundException or ItemNotFoundException => ErrorCategory.ObjectNotFound,
        IOException => ErrorCategory.DeviceError,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory OfRegistry(DockerRegistryException exception) => exception.ErrorId switch
    {
        "RegistryUnauthorized" => ErrorCategory.AuthenticationError,
        "RegistryDenied" => ErrorCategory.PermissionDenied,
        "RegistryCertificateUntrusted" or "RegistryCertificateInvalid" => ErrorCategory.SecurityError,
        "RegistryUnreachable" or "RegistryProxyFailed" => ErrorCategory.ConnectionError,
        "RegistryTooManyRequests" => ErrorCategory.LimitsExceeded,
        "NotARegistry" => ErrorCategory.ProtocolError,
        "ManifestTooLarge" or "ManifestUnsupported" => ErrorCategory.InvalidData,
        _ when exception.ErrorId.EndsWith("NotFound", StringComparison.Ordinal) => ErrorCategory.ObjectNotFound,
        _ => ErrorCategory.ResourceUnavailable,
    };

    private static bool IsBusy(string id) =>
        id.EndsWith("InUse", StringComparison.Ordinal) || id.EndsWith("Busy", StringComparison.Ordinal)
        || id.EndsWith("Running", StringComparison.Ordinal) || id.EndsWith("Locked", StringComparison.Ordinal);

    private static bool IsPermission(string id) =>
        id.Contains("Permission", StringComparison.Ordinal) || id.Contains("Root", StringComparison.Ordinal)
        || id.Contains("Privilege", StringComparison.Ordinal);
}
