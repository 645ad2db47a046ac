namespace DockerPS;

/// <summary>A container or a command in one ended with an exit code other than 0.</summary>
public sealed class ContainerExitException(string errorId, string message, object? subject, int exitCode)
    : DockerException(errorId, message, subject, null)
{
    /// <summary>The exit code; 128+n when signal n ended it.</summary>
    public int ExitCode { get; } = exitCode;
}
