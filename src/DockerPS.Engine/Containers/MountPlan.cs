using System.Globalization;
using DockerPS.Engine.Volumes;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Engine.Containers;

/// <summary>The mounts of config.json: those of every container, the files of its directory, and those asked for.</summary>
internal static class MountPlan
{
    private const long DefaultShmSize = 64L << 20;

    public static List<RuntimeMount> Of(BundlePlan plan)
    {
        ContainerSpec spec = plan.Spec;
        HashSet<string> asked = [.. spec.Mounts.Select(m => Clean(m.Target))];
        // Who mounts a whole /dev or /proc takes what is below, too.
        IEnumerable<RuntimeMount> system = System(plan)
            .Where(m => !asked.Contains(m.Destination) && !asked.Any(a => m.Destination.StartsWith(a + "/", StringComparison.Ordinal)));
        IEnumerable<RuntimeMount> others = Files(plan).Where(m => !asked.Contains(m.Destination)).Concat(spec.Mounts.Select((m, i) => Asked(plan, m, i < plan.Sources.Count ? plan.Sources[i] : null)));
        // A mount below another comes after it; those of equal depth keep the order in which they were asked for.
        return [.. system, .. others.OrderBy(m => m.Destination.Count(c => c == '/'))];
    }

    /// <summary>Propagation of the root that lets the binds' propagation work at all.</summary>
    public static string? RootPropagation(ContainerSpec spec)
    {
        string[] asked = [.. spec.Mounts.Select(m => m.Propagation ?? "")];
        return asked.Any(p => p is "shared" or "rshared") ? "rshared"
            : asked.Any(p => p is "slave" or "rslave") ? "rslave"
            : null;
    }

    private static IEnumerable<RuntimeMount> System(BundlePlan plan)
    {
        ContainerSpec spec = plan.Spec;
        string writable = spec.Privileged ? "rw" : "ro";
        yield return Mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        yield return Mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        yield return Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        // A user namespace has a right to a sysfs only of a network namespace that it owns. What is mounted below the host's stays
        // outside: version 2 of cgroups cannot be mounted over itself.
        yield return plan.OwnUsers && (plan.HostNetwork || plan.Joined.ContainsKey("network"))
            ? Mount("/sys", "bind", "/sys", "bind", "rprivate", "nosuid", "noexec", "nodev", writable)
            : Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", writable);
        yield return Mount("/sys/fs/cgroup", "cgroup", "cgroup", writable, "nosuid", "noexec", "nodev");
        if (spec.IpcMode == "host")
        {
            // A bind where the host has it mounted; else the file system itself, which shows the queues of the namespace that mounts it.
            yield return Directory.Exists("/dev/mqueue")
                ? Mount("/dev/mqueue", "bind", "/dev/mqueue", "bind", "nosuid", "noexec", "nodev")
                : Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
            yield return Mount("/dev/shm", "bind", "/dev/shm", "bind", "nosuid", "noexec", "nodev");
            yield break;
        }

        yield return Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        if (plan.Joined.TryGetValue("ipc", out JoinedContainer? joined))
        {
            // Through its root, because only the other's mount namespace knows that mount.
            yield return Mount("/dev/shm", "bind", $"/proc/{joined.Pid}/root/dev/shm", "bind", "nosuid", "noexec", "nodev");
        }
        else if (spec.IpcMode != "none")
        {
            long size = spec.ShmSize?.Bytes ?? DefaultShmSize;
            yield return Mount(
                "/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=" + size.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<RuntimeMount> Files(BundlePlan plan)
    {
        // Containers with one network have one set of its files.
        ContainerDirectory directory = plan.Joined.TryGetValue("network", out JoinedContainer? joined) ? joined.Directory : plan.Directory;
        // Root's in the container as on the host.
        string[] options = plan.OwnUsers ? ["rbind", "rprivate", "rw", "idmap"] : ["rbind", "rprivate", "rw"];
        yield return Mount("/etc/resolv.conf", "bind", directory.ResolvConf, options);
        yield return Mount("/etc/hostname", "bind", directory.Hostname, options);
        yield return Mount("/etc/hosts", "bind", directory.Hosts, options);
    }

    private static RuntimeMount Asked(BundlePlan plan, ContainerMount mount, MountSource? source) => mount.Type == ContainerMountType.Tmpfs ? Tmpfs(mount) : new RuntimeMount
    {
        Destination = Clean(mount.Target),
        Type = "bind",
        Source = source?.Path ?? mount.Source,
        Options =
        [
            mount.NonRecursive ? "bind" : "rbind", mount.Propagation ?? "rprivate", mount.ReadOnly ? "ro" : "rw",
            .. mount is { ReadOnly: true, NonRecursive: false, ReadOnlyNonRecursive: false } ? ["rro"] : (ReadOnlySpan<string>)[],
            .. IsMapped(plan, mount) ? [mount.NonRecursive || mount.Type != ContainerMountType.Bind ? "idmap" : "ridmap"] : (ReadOnlySpan<string>)[],
            // Labels of SELinux are the machine's affair, and copying up is done by the time.
            .. mount.Options.Where(o => o is not ("z" or "Z" or "nocopy")), .. source?.Options ?? [],
        ],
    };

    /// <summary>Volumes have on the disk the ids of the container, as its layers: whatever ids it is given, they are its own.</summary>
    private static bool IsMapped(BundlePlan plan, ContainerMount mount) =>
        mount.IdMapped || (plan.OwnUsers && mount.Type == ContainerMountType.Volume);

    private static RuntimeMount Tmpfs(ContainerMount mount)
    {
        List<string> options = [.. mount.Options];
        foreach ((string safe, string opposite) in (ReadOnlySpan<(string, string)>)[("nosuid", "suid"), ("nodev", "dev"), ("noexec", "exec")])
            if (!options.Contains(opposite) && !options.Contains(safe)) options.Add(safe);
        if (mount.ReadOnly) options.Add("ro");
        if (mount.TmpfsSize is { Bytes: > 0 } size) options.Add("size=" + size.Bytes.ToString(CultureInfo.InvariantCulture));
        if (!options.Any(o => o.StartsWith("mode=", StringComparison.Ordinal)))
            options.Add("mode=" + Convert.ToString(mount.TmpfsMode ?? 0x3FF, 8)); // 1777 octal
        return new RuntimeMount { Destination = Clean(mount.Target), Type = "tmpfs", Source = "tmpfs", Options = options };
    }

    private static RuntimeMount Mount(string destination, string type, string source, params string[] options) =>
        new() { Destination = destination, Type = type, Source = source, Options = [.. options] };

    /// <summary>A target as config.json has it: one slash between its parts, none at the end, and dots as the text alone says. The kernel sees to links.</summary>
    public static string Clean(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..") parts.RemoveRange(Math.Max(parts.Count - 1, 0), Math.Min(parts.Count, 1));
            else if (part != ".") parts.Add(part);
        }

        return "/" + string.Join('/', parts);
    }
}
