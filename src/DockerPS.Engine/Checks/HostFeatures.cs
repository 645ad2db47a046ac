using System.Globalization;

namespace DockerPS.Engine.Checks;

/// <summary>What the machine offers containers, read from its files alone; nothing is loaded or run.</summary>
/// <param name="root">Where the machine's files are; another directory than <c>/</c> in tests.</param>
internal sealed class HostFeatures(string root)
{
    private static readonly string[] LibraryDirectories =
        ["usr/lib", "lib", "usr/lib64", "lib64", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib/aarch64-linux-gnu"];

    public IReadOnlyList<ContainerEngineFeature> Read() =>
    [
        Cgroups(), Seccomp(), SecurityModules(), UserNamespaces(), SubordinateIds(), TimeNamespaces(), Overlay(),
        KernelSince("IdMappedMounts", 5, 12, "layers and binds with shifted owners"),
        KernelSince("IdMappedOverlay", 5, 19, "layers of containers with user namespaces without a copy"),
        KernelSince("RecursiveReadOnly", 5, 12, "read-only binds that include the mounts below them"),
        Bridge(),
    ];

    private ContainerEngineFeature Cgroups()
    {
        if (Text("sys/fs/cgroup/cgroup.controllers") is { } unified) return new("Cgroups", true, "v2: " + unified.Replace(' ', ','));
        string[] controllers = [.. Lines("proc/cgroups").Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('\t'))
            .Where(f => f.Length >= 4 && f[3] == "1" && Exists("sys/fs/cgroup/" + f[0])).Select(f => f[0])];
        string version = Exists("sys/fs/cgroup/unified") ? "hybrid" : "v1";
        return controllers.Length > 0
            ? new("Cgroups", true, $"{version}: {string.Join(',', controllers)}")
            : new("Cgroups", false, "Limits of memory, CPUs and processes need them.", "Mount cgroup2 on /sys/fs/cgroup.");
    }

    private ContainerEngineFeature Seccomp()
    {
        if (!Exists("proc/sys/kernel/seccomp/actions_avail"))
            return new("Seccomp", false, "The kernel has no filter of system calls.", "Use a kernel with CONFIG_SECCOMP_FILTER.");
        return Library("libseccomp.so.2") is { } version
            ? new("Seccomp", true, $"libseccomp {version}")
            : new("Seccomp", false, "The kernel has it, and libseccomp, which compiles the filter, is not installed.", Install("libseccomp2", "libseccomp"));
    }

    private ContainerEngineFeature SecurityModules()
    {
        string[] modules = Text("sys/kernel/security/lsm")?.Split(',') ??
        [
            .. Text("sys/module/apparmor/parameters/enabled") == "Y" ? (string[])["apparmor"] : [],
            .. Exists("sys/fs/selinux/enforce") ? (string[])["selinux"] : [],
        ];
        string[] labelling = [.. modules.Where(m => m is "apparmor" or "selinux")];
        return labelling.Length > 0
            ? new("SecurityModules", true, string.Join(',', labelling))
            : new("SecurityModules", false, "Neither AppArmor nor SELinux is active; containers run without a profile or label.",
                "Use a kernel that has one of them, and boot with lsm=…,apparmor.");
    }

    private ContainerEngineFeature UserNamespaces()
    {
        if (!Exists("proc/self/ns/user")) return new("UserNamespaces", false, "The kernel has none.", "Use a kernel with CONFIG_USER_NS.");
        string most = Text("proc/sys/user/max_user_namespaces") ?? "";
        return most == "0"
            ? new("UserNamespaces", false, "They are switched off.", "Write a number to /proc/sys/user/max_user_namespaces.")
            : new("UserNamespaces", true, most.Length > 0 ? $"up to {most}" : "present");
    }

    private ContainerEngineFeature SubordinateIds()
    {
        int ranges = Lines("etc/subuid").Count(l => l.Contains(':', StringComparison.Ordinal));
        return ranges > 0 && Exists("etc/subgid")
            ? new("SubordinateIds", true, $"{ranges} range{(ranges == 1 ? "" : "s")} in /etc/subuid")
            : new("SubordinateIds", false, "/etc/subuid and /etc/subgid name no ranges.", Install("uidmap", "shadow-utils"));
    }

    private ContainerEngineFeature TimeNamespaces() => Exists("proc/self/ns/time")
        ? new("TimeNamespaces", true, "present")
        : new("TimeNamespaces", false, "The kernel has none.", "Use a kernel from 5.6 with CONFIG_TIME_NS.");

    private ContainerEngineFeature Overlay()
    {
        if (Lines("proc/filesystems").Any(l => l.EndsWith("\toverlay", StringComparison.Ordinal))) return new("Overlay", true, "loaded");
        string modules = $"lib/modules/{Text("proc/sys/kernel/osrelease")}/kernel/fs/overlayfs";
        return Exists(modules)
            ? new("Overlay", true, "as a module, loaded by the first mount")
            : new("Overlay", false, "Containers share their image's layers by it.", "Load it: modprobe overlay.");
    }

    private ContainerEngineFeature Bridge()
    {
        bool nft = Library("libnftables.so.1") is not null;
        return nft
            ? new("NetworkRules", true, "libnftables")
            : new("NetworkRules", false, "libnftables, which sets the rules of networks, is not installed.", Install("libnftables1", "nftables"));
    }

    private ContainerEngineFeature KernelSince(string name, int major, int minor, string use)
    {
        string release = Text("proc/sys/kernel/osrelease") ?? "";
        string[] parts = release.Split('.', '-', '+');
        bool has = parts.Length >= 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int second)
            && (first > major || (first == major && second >= minor));
        return has
            ? new(name, true, "kernel " + release)
            : new(name, false, $"Kernel {release} has no {use}.", string.Create(CultureInfo.InvariantCulture, $"Use a kernel from {major}.{minor}."));
    }

    /// <summary>Version of a library by the name of the file that its soname leads to; null when it is not installed.</summary>
    private string? Library(string soname)
    {
        foreach (string directory in LibraryDirectories)
        {
            string path = Path.Combine(root, directory, soname);
            if (!File.Exists(path)) continue;
            string file = Path.GetFileName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            int at = file.IndexOf(".so.", StringComparison.Ordinal);
            return at < 0 ? "" : file[(at + 4)..];
        }

        return null;
    }

    /// <summary>How this distribution installs a package.</summary>
    private string Install(string debian, string others)
    {
        string ids = string.Join(' ', Lines("etc/os-release").Where(l => l.StartsWith("ID", StringComparison.Ordinal)));
        return "Install it: " + (Is("debian") || Is("ubuntu") ? "apt-get install " + debian
            : Is("fedora") || Is("rhel") ? "dnf install " + others
            : Is("alpine") ? "apk add " + others
            : Is("arch") ? "pacman -S " + others
            : Is("suse") ? "zypper install " + others
            : $"the package {others} ({debian} on Debian)") + ".";

        bool Is(string id) => ids.Contains(id, StringComparison.OrdinalIgnoreCase);
    }

    private bool Exists(string path) => Path.Exists(Path.Combine(root, path));

    private string? Text(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string[] Lines(string path) => Text(path)?.Split('\n') ?? [];
}
