using System.Globalization;

namespace DockerPS.Engine.Containers;

/// <summary>Which capabilities a container gets (capabilities(7)).</summary>
internal static class Capabilities
{
    private static readonly string[] All =
    [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
        "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
        "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ];

    private static readonly string[] Default =
    [
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "SETFCAP",
    ];

    /// <summary>Bits of the capabilities that processes of this machine may have at most (CapBnd of /proc/self/status).</summary>
    public static ulong HostBounding()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("CapBnd:", StringComparison.Ordinal))
                return ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        return ulong.MaxValue;
    }

    /// <summary>All capabilities of a bit set, as <c>CAP_…</c>.</summary>
    public static List<string> OfHost(ulong bounding) => [.. All.Where(c => Has(bounding, c)).Select(c => "CAP_" + c)];

    /// <summary>
    /// Docker's rules: privileged has all; adding ALL gives all but the dropped; dropping ALL leaves the added; else the default
    /// set without the dropped and with the added. What the host lacks is left out when it came by ALL or default, as it cannot
    /// be given.
    /// </summary>
    /// <param name="spec">What was asked for.</param>
    /// <param name="hostBounding">See <see cref="HostBounding"/>.</param>
    /// <param name="missing">Capabilities that were asked for by name and that the host does not have.</param>
    public static List<string> Of(ContainerSpec spec, ulong hostBounding, out List<string> missing)
    {
        missing = [];
        if (spec.Privileged) return OfHost(hostBounding);
        HashSet<string> add = [.. spec.CapAdd.Select(Parse)];
        HashSet<string> drop = [.. spec.CapDrop.Select(Parse)];
        IEnumerable<string> wanted = add.Contains("ALL") ? All.Where(c => !drop.Contains(c))
            : drop.Contains("ALL") ? All.Where(add.Contains)
            : All.Where(c => add.Contains(c) || (Default.Contains(c) && !drop.Contains(c)));
        var granted = new List<string>();
        foreach (string capability in wanted)
        {
            if (Has(hostBounding, capability)) granted.Add("CAP_" + capability);
            else if (add.Contains(capability)) missing.Add("CAP_" + capability);
        }

        return granted;
    }

    /// <summary>The name without <c>CAP_</c>, in capitals.</summary>
    /// <exception cref="DockerArgumentException">InvalidCapability.</exception>
    public static string Parse(string text)
    {
        string name = text.Trim().ToUpperInvariant();
        if (name.StartsWith("CAP_", StringComparison.Ordinal)) name = name[4..];
        return name == "ALL" || All.Contains(name)
            ? name
            : throw new DockerArgumentException(
                "InvalidCapability",
                $"'{text}' is no capability. Use a name of capabilities(7) such as NET_ADMIN or CAP_SYS_PTRACE, or ALL.",
                text);
    }

    // The list stands in the order of the bits.
    private static bool Has(ulong bits, string capability) => (bits >> Array.IndexOf(All, capability) & 1) != 0;
}
