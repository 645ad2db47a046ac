using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Contain;

/// <summary>A verb cannot go on; carries what is reported.</summary>
internal sealed class RuntimeFailureException(RuntimeFailure failure) : Exception(failure.Text)
{
    public RuntimeFailureException(string stage, string text, string call = "", int errno = 0, int exitCode = 125)
        : this(new RuntimeFailure { Stage = stage, Call = call, Errno = errno, Text = text, ExitCode = exitCode })
    {
    }

    public RuntimeFailure Failure { get; } = failure;

    /// <summary>A failed system call, or a step that was refused, as a failure of a stage.</summary>
    public static RuntimeFailureException From(string stage, LinuxException exception) =>
        Refusal.Text(exception.Number) is { } reason
            ? new(stage, $"{exception.Call}: {reason}", exception.Call, Errno.EPERM)
            : new(stage, exception.Message, exception.Call, exception.Number);
}
