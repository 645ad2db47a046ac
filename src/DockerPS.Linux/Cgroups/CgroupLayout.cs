using System.Text;

namespace DockerPS.Linux.Cgroups;

/// <summary>The cgroup hierarchies of this host, as this process sees them mounted.</summary>
/// <remarks>https://man7.org/linux/man-pages/man7/cgroups.7.html</remarks>
public sealed class CgroupLayout
{
    private static readonly string[] s_known =
    [
        "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "hugetlb", "perf_event", "net_cls",
        "net_prio", "rdma", "misc",
    ];

    private CgroupLayout(CgroupKind kind, CgroupHierarchy[] version1, CgroupHierarchy? version2)
    {
        Kind = kind;
        Version1 = version1;
        Version2 = version2;
    }

    public CgroupKind Kind { get; }

    /// <summary>Hierarchies of version 1, each once; empty on a pure version 2 host.</summary>
    public CgroupHierarchy[] Version1 { get; }

    /// <summary>The version 2 hierarchy, also that beside version 1's on a hybrid host.</summary>
    public CgroupHierarchy? Version2 { get; }

    /// <summary>Reads how this host is set up: one small file on a version 2 host, the mount table else.</summary>
    public static CgroupLayout Detect()
    {
        const string Root = "/sys/fs/cgroup";
        if (LibC.FileSystemType(Root) == LibC.CGROUP2_SUPER_MAGIC)
            return new CgroupLayout(CgroupKind.V2, [], UnifiedAt(Root, CgroupFile.TryRead(Root + "/cgroup.controllers")));
        byte[] table = CgroupFile.TryReadBytes("/proc/self/mountinfo", out int errno)
            ?? throw new LinuxException("read(/proc/self/mountinfo)", errno);
        return Parse(table, mountPoint => CgroupFile.TryRead(mountPoint + "/cgroup.controllers"));
    }

    /// <summary>The layout that a mount table shows.</summary>
    /// <param name="mountInfo">Text as of /proc/PID/mountinfo.</param>
    /// <param name="version2Controllers">What the version 2 root's <c>cgroup.controllers</c> says, or null when it is hidden below another mount.</param>
    public static CgroupLayout Parse(string mountInfo, string? version2Controllers = "") =>
        Parse(Encoding.UTF8.GetBytes(mountInfo), _ => version2Controllers);

    /// <summary>The hierarchy that holds a controller: version 1's where it is bound there, else version 2's; or null.</summary>
    public CgroupHierarchy? Find(string controller)
    {
        foreach (CgroupHierarchy hierarchy in Version1)
            if (hierarchy.Has(controller)) return hierarchy;
        // Version 2 has none called freezer or devices: freezing is built in, devices are a BPF program.
        return Version2 is { } unified && unified.Has(controller) ? unified : null;
    }

    /// <summary>1, 2, or 0 when this host has no such controller. <c>blkio</c> is called <c>io</c> in version 2.</summary>
    public int VersionOf(string controller) => Find(controller)?.Version ?? 0;

    private static CgroupLayout Parse(ReadOnlySpan<byte> table, Func<string, string?> version2Controllers)
    {
        var version1 = new List<CgroupHierarchy>();
        CgroupHierarchy? version2 = null;
        bool anyController = false;
        while (!table.IsEmpty)
        {
            int end = table.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? table : table[..end];
            table = end < 0 ? default : table[(end + 1)..];

            // "36 30 0:33 / /sys/fs/cgroup/freezer rw,relatime shared:9 - cgroup cgroup rw,freezer"
            int dash = line.IndexOf(" - cgroup"u8);
            if (dash < 0) continue;
            ReadOnlySpan<byte> tail = line[(dash + " - cgroup"u8.Length)..];
            if (tail.StartsWith("2 "u8))
            {
                if (version2 is not null) continue;
                string point = MountPointOf(line);
                // Something mounted over it may hide it; then it cannot be used.
                if (version2Controllers(point) is { } controllers) version2 = UnifiedAt(point, controllers);
            }
            else if (tail.StartsWith(" "u8))
            {
                CgroupHierarchy? hierarchy = Version1From(MountPointOf(line), tail);
                if (hierarchy is null || IsMountedTwice(version1, hierarchy)) continue;
                anyController |= hierarchy.Controllers.Length > 0;
                version1.Add(hierarchy);
            }
        }

        CgroupKind kind = (anyController, version2) switch
        {
            (true, null) => CgroupKind.V1,
            (true, _) => CgroupKind.Hybrid,
            (false, not null) => CgroupKind.V2,
            _ => CgroupKind.None,
        };
        return new CgroupLayout(kind, anyController ? [.. version1] : [], version2);
    }

    private static CgroupHierarchy UnifiedAt(string mountPoint, string? controllers) =>
        new(mountPoint, 2, (controllers ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static CgroupHierarchy? Version1From(string mountPoint, ReadOnlySpan<byte> tail)
    {
        // Behind the file system's type and source stand the options of the super block, controllers among them.
        ReadOnlySpan<byte> options = tail[(tail.LastIndexOf((byte)' ') + 1)..];
        var controllers = new List<string>(2);
        string? name = null;
        while (!options.IsEmpty)
        {
            int comma = options.IndexOf((byte)',');
            ReadOnlySpan<byte> option = comma < 0 ? options : options[..comma];
            options = comma < 0 ? default : options[(comma + 1)..];
            if (option.StartsWith("name="u8)) name = Encoding.UTF8.GetString(option["name="u8.Length..]);
            else if (KnownController(option) is { } controller) controllers.Add(controller);
        }
        return controllers.Count > 0 || name is not null
            ? new CgroupHierarchy(mountPoint, 1, [.. controllers], name) : null;
    }

    private static string? KnownController(ReadOnlySpan<byte> option)
    {
        foreach (string known in s_known)
            if (Ascii.Equals(option, known)) return known;
        return null;
    }

    private static bool IsMountedTwice(List<CgroupHierarchy> seen, CgroupHierarchy hierarchy)
    {
        foreach (CgroupHierarchy other in seen)
            if (hierarchy.Controllers.Length == 0 ? other.Name == hierarchy.Name : other.Has(hierarchy.Controllers[0])) return true;
        return false;
    }

    /// <summary>The fifth field; blanks and backslashes in it are written as octal.</summary>
    private static string MountPointOf(ReadOnlySpan<byte> line)
    {
        for (int field = 0; field < 4; field++) line = line[(line.IndexOf((byte)' ') + 1)..];
        line = line[..line.IndexOf((byte)' ')];
        if (line.IndexOf((byte)'\\') < 0) return Encoding.UTF8.GetString(line);
        byte[] plain = new byte[line.Length];
        int length = 0;
        for (int i = 0; i < line.Length; i++)
        {
            bool octal = line[i] == '\\' && i + 3 < line.Length;
            plain[length++] = octal ? (byte)(((line[i + 1] & 7) << 6) | ((line[i + 2] & 7) << 3) | (line[i + 3] & 7)) : line[i];
            if (octal) i += 3;
        }
        return Encoding.UTF8.GetString(plain, 0, length);
    }
}
