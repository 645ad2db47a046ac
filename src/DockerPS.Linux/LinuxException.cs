namespace DockerPS.Linux;

/// <summary>A system call failed. The message reads <c>mount(overlay, /x): EPERM (Operation not permitted)</c>.</summary>
public sealed class LinuxException(string call, int errno)
    : IOException($"{call}: {Errno.Name(errno)} ({Errno.Text(errno)})")
{
    /// <summary>The call with its telling arguments.</summary>
    public string Call { get; } = call;

    public int Number { get; } = errno;
}
