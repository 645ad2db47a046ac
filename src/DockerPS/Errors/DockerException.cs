namespace DockerPS;

/// <summary>
/// What went wrong, one sealed child for each reaction a caller can have. The message says what to do next.
/// </summary>
public abstract class DockerException : Exception
{
    private protected DockerException(string errorId, string message, object? subject, Exception? inner)
        : base(MessageText.Printable(message), inner)
    {
        ErrorId = errorId;
        Subject = subject;
    }

    /// <summary>Stable identifier in Pascal case (<c>ImageNotFound</c>), the first part of an error record's FullyQualifiedErrorId.</summary>
    public string ErrorId { get; }

    /// <summary>What it is about: a name, id, path or option; becomes the error record's TargetObject when there is no better.</summary>
    public object? Subject { get; }
}

/// <summary>The named thing is not there.</summary>
public sealed class DockerNotFoundException(string errorId, string message, object? subject = null, Exception? inner = null)
    : DockerException(errorId, message, subject, inner);

/// <summary>The name is taken or the thing is in use.</summary>
public sealed class DockerConflictException(string errorId, string message, object? subject = null, Exception? inner = null)
    : DockerException(errorId, message, subject, inner);

/// <summary>The thing is not in a state that allows the request (stopped, running, paused).</summary>
public sealed class DockerInvalidStateException(string errorId, string message, object? subject = null, Exception? inner = null)
    : DockerException(errorId, message, subject, inner);

/// <summary>An option or argument makes no sense, or is for a capability that is not there.</summary>
public sealed class DockerArgumentException(string errorId, string message, object? subject = null, Exception? inner = null)
    : DockerException(errorId, message, subject, inner);

/// <summary>Content is not what its digest, size or format says.</summary>
public sealed class DockerIntegrityException(string errorId, string message, object? subject = null, Exception? inner = null)
    : DockerException(errorId, message, subject, inner);

/// <summary>The machine refuses: no permission, not Linux, no space, a missing program, a store of a newer version.</summary>
public sealed class DockerEnvironmentException(string errorId, string message, object? subject = null, Exception? inner = null)
    : DockerException(errorId, message, subject, inner);

/// <summary>A container or a command in it could not be started.</summary>
public sealed class ContainerRuntimeException(
    string errorId, string message, object? subject, string stage, string call, int errno, int exitCode, Exception? inner = null)
    : DockerException(errorId, message, subject, inner)
{
    /// <summary>The step that failed (<c>Mounts</c>, <c>Exec</c> …).</summary>
    public string Stage { get; } = stage;

    /// <summary>The system call with its arguments.</summary>
    public string Call { get; } = call;

    /// <summary>errno of the call, 0 when none.</summary>
    public int Errno { get; } = errno;

    /// <summary>Docker's exit code for it: 125, 126 or 127.</summary>
    public int ExitCode { get; } = exitCode;
}
