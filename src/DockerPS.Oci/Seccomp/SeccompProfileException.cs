namespace DockerPS.Oci.Seccomp;

/// <summary>A file is no seccomp profile.</summary>
/// <param name="path">JSON path of what is wrong; <c>$</c> for the whole.</param>
/// <param name="line">Line from 1 on where the text ceases to be JSON; null when it is JSON.</param>
/// <param name="reason">A sentence without the path.</param>
public sealed class SeccompProfileException(string path, long? line, string reason)
    : FormatException(line is { } number ? $"line {number}: {reason}" : $"{path} {reason}")
{
    public string JsonPath { get; } = path;

    public long? Line { get; } = line;

    public string Reason { get; } = reason;
}
