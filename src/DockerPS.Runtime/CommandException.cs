namespace DockerPS.Runtime;

/// <summary>An OCI verb cannot do what it was asked; the message goes to standard error and the log.</summary>
internal sealed class CommandException(string message, int exitCode = 1) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
