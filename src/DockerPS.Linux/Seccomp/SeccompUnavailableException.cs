namespace DockerPS.Linux.Seccomp;

/// <summary>A filter must be compiled, and libseccomp is not there or too old. The message names the package that brings it.</summary>
public sealed class SeccompUnavailableException(string reason)
    : IOException(
        $"{reason} Compiling a seccomp profile needs libseccomp 2.4 or later: install it (Debian, Ubuntu: apt-get install libseccomp2; "
        + "Fedora, RHEL, Alpine, Arch, SUSE: the package libseccomp), or run without a filter (seccomp=unconfined).");
