using System.Runtime.InteropServices;
using System.Text.Json;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Oci.Seccomp;

namespace DockerPS.Bench.Peers;

/// <summary>
/// The config.json of all bundles: what runtimes write as their example, with every namespace and the filter of system calls that a
/// container has by default.
/// </summary>
internal static class BundleConfig
{
    private static readonly string[] Capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
    private static readonly string[] Namespaces = ["pid", "network", "ipc", "uts", "mount", "cgroup"];

    private static readonly string[] Masked =
        ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"];

    private static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    private static SeccompHost Host => new(
        RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64", Environment.OSVersion.Version.Major,
        Environment.OSVersion.Version.Minor);

    public static string For(string rootfs, string[] command) => JsonSerializer.Serialize(new
    {
        ociVersion = "1.0.2",
        process = new
        {
            terminal = false,
            user = new { uid = 0, gid = 0 },
            args = command,
            env = (string[])["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            cwd = "/",
            capabilities = new { bounding = Capabilities, effective = Capabilities, permitted = Capabilities },
            rlimits = (object[])[new { type = "RLIMIT_NOFILE", hard = 1024, soft = 1024 }],
            noNewPrivileges = true,
        },
        root = new { path = rootfs, @readonly = true },
        hostname = "bench",
        mounts = (object[])
        [
            Mount("/proc", "proc", "proc"),
            Mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            Mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
            Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
            Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        ],
        linux = new
        {
            resources = new { devices = (object[])[new { allow = false, access = "rwm" }] },
            seccomp = JsonSerializer.SerializeToElement(
                DefaultSeccompProfile.For(Capabilities, Host), RuntimeConfigJson.Default.RuntimeSeccomp),
            namespaces = Namespaces.Select(n => new { type = n }),
            maskedPaths = Masked,
            readonlyPaths = ReadOnly,
        },
    });

    private static object Mount(string destination, string type, string source, params string[] options) => new { destination, type, source, options };
}
