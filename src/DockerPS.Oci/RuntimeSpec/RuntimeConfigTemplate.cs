using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>A config.json to begin with: a shell in a read-only root file system, with little rights.</summary>
public static class RuntimeConfigTemplate
{
    private static readonly RuntimeConfigJson Indented = new(new JsonSerializerOptions(RuntimeConfigJson.Default.Options) { WriteIndented = true });

    /// <summary>For the host's root: all of Linux' namespaces but user and time.</summary>
    /// <param name="cgroupNamespace">Whether the kernel has cgroup namespaces.</param>
    public static RuntimeConfig Make(bool cgroupNamespace = true)
    {
        List<string> capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
        List<RuntimeNamespace> namespaces = [.. from type in new[] { "pid", "network", "ipc", "uts", "mount" } select new RuntimeNamespace { Type = type }];
        if (cgroupNamespace) namespaces.Add(new RuntimeNamespace { Type = "cgroup" });
        return new RuntimeConfig
        {
            Process = new RuntimeProcess
            {
                Terminal = true,
                Args = ["sh"],
                Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
                Capabilities = new RuntimeCapabilities { Bounding = capabilities, Effective = capabilities, Permitted = capabilities },
                Rlimits = [new RuntimeRlimit { Type = "RLIMIT_NOFILE", Soft = 1024, Hard = 1024 }],
                NoNewPrivileges = true,
            },
            Root = new RuntimeRoot { Path = "rootfs", Readonly = true },
            Hostname = "container",
            Mounts =
            [
                Mount("/proc", "proc", "proc"),
                Mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
                Mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
                Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
                Mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"),
            ],
            Linux = new RuntimeLinux
            {
                Namespaces = namespaces,
                Resources = new RuntimeResources { Devices = [new RuntimeDeviceRule { Allow = false, Access = "rwm" }] },
                MaskedPaths =
                [
                    "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
                    "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
                ],
                ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
            },
        };
    }

    /// <summary>For one who is not root: a user namespace in which this user is root, and the host's network.</summary>
    public static RuntimeConfig MakeRootless(uint uid, uint gid, bool cgroupNamespace = true)
    {
        RuntimeConfig config = Make(cgroupNamespace);
        RuntimeLinux linux = config.Linux!;
        linux.Namespaces!.RemoveAll(n => n.Type == "network");
        linux.Namespaces.Add(new RuntimeNamespace { Type = "user" });
        linux.UidMappings = [new RuntimeIdMapping { ContainerId = 0, HostId = uid, Size = 1 }];
        linux.GidMappings = [new RuntimeIdMapping { ContainerId = 0, HostId = gid, Size = 1 }];
        linux.Resources = null;
        foreach (RuntimeMount mount in config.Mounts!)
        {
            // Group 5 is not mapped, and a sysfs of one's own needs a network namespace of one's own.
            mount.Options?.RemoveAll(o => o == "gid=5");
            if (mount.Destination != "/sys") continue;
            (mount.Type, mount.Source) = ("none", "/sys");
            mount.Options = ["rbind", "nosuid", "noexec", "nodev", "ro"];
        }

        config.Mounts.RemoveAll(m => m.Destination == "/sys/fs/cgroup");
        return config;
    }

    /// <summary>As JSON for people.</summary>
    public static byte[] ToJson(RuntimeConfig config) => JsonSerializer.SerializeToUtf8Bytes(config, Indented.RuntimeConfig);

    private static RuntimeMount Mount(string destination, string type, string source, params ReadOnlySpan<string> options) =>
        new() { Destination = destination, Type = type, Source = source, Options = options.IsEmpty ? null : [.. options] };
}
