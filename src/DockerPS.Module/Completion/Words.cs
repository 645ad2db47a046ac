using DockerPS.Engine;

namespace DockerPS.Module.Completion;

/// <summary>Names of signals.</summary>
public sealed class SignalCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() =>
    [
        "SIGTERM", "SIGKILL", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGSTOP", "SIGCONT", "SIGTSTP", "SIGWINCH",
        "SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGFPE", "SIGILL", "SIGIO", "SIGPIPE", "SIGPROF", "SIGPWR", "SIGSEGV",
        "SIGSTKFLT", "SIGSYS", "SIGTRAP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGVTALRM", "SIGXCPU", "SIGXFSZ",
    ];
}

/// <summary>Names of capabilities (capabilities(7)), and ALL.</summary>
public sealed class CapabilityCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() =>
    [
        "ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE",
        "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN",
        "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID",
        "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE",
        "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
    ];
}

/// <summary>Whose namespace: the host's or another container's.</summary>
public sealed class NamespaceCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) =>
        ["host", .. engine.GetContainerNames().Select(name => "container:" + name)];
}

/// <summary>Names of networks.</summary>
public sealed class NetworkNameCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) => engine.GetNetworkNames();
}

/// <summary>Whose network: none, the host's, another container's, or one between containers.</summary>
public sealed class NetworkCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) =>
        [.. engine.GetNetworkNames(), .. engine.GetContainerNames().Select(name => "container:" + name)];
}

/// <summary>Security options.</summary>
public sealed class SecurityOptionCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() =>
        ["no-new-privileges", "seccomp=default", "seccomp=unconfined", "apparmor=unconfined", "label=disable"];
}

/// <summary>OCI runtimes that are installed.</summary>
public sealed class RuntimeCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() => ContainerEngine.RuntimeNames;
}

/// <summary>Kinds of user namespace.</summary>
public sealed class UserNamespaceCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() => ["host", "auto", "keep-id", "0:100000:65536"];
}

/// <summary>Checks of Test-ContainerEngine.</summary>
public sealed class CheckCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() => ContainerEngine.CheckNames;
}

/// <summary>Whose cgroup namespace.</summary>
public sealed class CgroupModeCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() => ["private", "host"];
}

/// <summary>Platforms of images.</summary>
public sealed class PlatformCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() =>
    [
        "linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/386", "linux/ppc64le", "linux/s390x", "linux/riscv64", "linux/loong64",
    ];
}

/// <summary>Drivers of volumes.</summary>
public sealed class VolumeDriverCompleter : WordCompleter
{
    private protected override IEnumerable<string> Words() => ["local"];
}
