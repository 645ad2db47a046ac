using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Commands;

/// <summary>
/// A failure as the OCI verbs say it. dockerd, containerd and podman find out by words of the message whether a program was missing
/// (exit code 127) or may not be executed (126), so the kernel's own words are part of it.
/// </summary>
internal static class FailureText
{
    public static string Of(RuntimeFailure failure)
    {
        if (failure.Stage != RuntimeStages.Exec) return failure.Text;
        string reason = failure.Errno switch
        {
            Errno.ENOENT or Errno.ENOTDIR when !failure.Call.Contains('/', StringComparison.Ordinal) => "executable file not found in $PATH",
            Errno.ENOENT or Errno.ENOTDIR => "no such file or directory",
            Errno.EACCES => "permission denied",
            Errno.ENOEXEC => "exec format error",
            _ => "",
        };
        return reason.Length == 0 ? failure.Text : $"{failure.Call}: {reason}: {failure.Text}";
    }
}
