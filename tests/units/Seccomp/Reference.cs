using System.Reflection;
using DockerPS.Oci.Seccomp;

namespace DockerPS.Units.Seccomp;

/// <summary>Docker's default profile, and what it is tried with.</summary>
internal static class Reference
{
    /// <summary>Conditions that its rules ask about, each on either side.</summary>
    public static readonly ulong[] Arguments =
    [
        0, 1, 2, 8, 16, 17, 37, 38, 39, 40, 41, 45, 0x20000, 0x20008, 0x40000, 0xFFFFFFFF, 0x1_00000000, 0xFFFFFFFF_FFFFFFFF, 0x3D0F00,
        0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x7E020000, 0x80, 0x11,
    ];

    private static readonly string[] Everything =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
        "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
        "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>What a container has that asks for nothing.</summary>
    public static readonly string[] Usual =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP",
        "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    public static SeccompProfile Profile { get; } = SeccompProfile.Read(File.ReadAllBytes(FilePath));

    /// <summary>None, the usual ones, all, each alone, all but each.</summary>
    public static IEnumerable<string[]> CapabilitySets
    {
        get
        {
            yield return [];
            yield return Usual;
            yield return Everything;
            foreach (string one in Everything) yield return [one];
            foreach (string one in Everything) yield return [.. Everything.Where(c => c != one)];
        }
    }

    private static string FilePath => Path.Combine(
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!,
        "tests", "units", "Seccomp", "Reference", "moby-default.json");
}
