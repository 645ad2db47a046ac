namespace DockerPS.Oci.RuntimeSpec;

public sealed partial class RuntimeConfigValidator
{
    private void CheckNamespaces(RuntimeLinux linux)
    {
        int seen = 0;
        for (int i = 0; i < linux.Namespaces?.Count; i++)
        {
            RuntimeNamespace item = linux.Namespaces[i];
            int bit = item.Type switch
            {
                "pid" => 1,
                "network" => 2,
                "mount" => 4,
                "ipc" => 8,
                "uts" => 16,
                "user" => 32,
                "cgroup" => 64,
                "time" => 128,
                _ => throw Wrong(
                    $"$.linux.namespaces[{i}].type",
                    $"{Quote(item.Type)} is no namespace; use pid, network, mount, ipc, uts, user, cgroup or time"),
            };
            if ((seen & bit) != 0) throw Wrong($"$.linux.namespaces[{i}].type", $"{item.Type} is there twice; keep one");
            seen |= bit;
            if (item.Path is { Length: > 0 } path && path[0] != '/')
                throw Wrong($"$.linux.namespaces[{i}].path", $"{Quote(path)} must be absolute: begin with a slash");
        }

        CheckUserNamespace(linux);
        CheckTimeNamespace(linux);
    }

    private void CheckUserNamespace(RuntimeLinux linux)
    {
        RuntimeNamespace? user = Find("user");
        bool uids = linux.UidMappings is { Count: > 0 }, gids = linux.GidMappings is { Count: > 0 };
        if (user is null && (uids || gids))
        {
            throw Wrong(
                uids ? "$.linux.uidMappings" : "$.linux.gidMappings",
                "needs a user namespace; add {\"type\": \"user\"} to linux.namespaces or leave the mappings out");
        }

        if (user is { Path: null or "" })
        {
            if (!uids) throw Wrong("$.linux.uidMappings", "is missing: a new user namespace needs it");
            if (!gids) throw Wrong("$.linux.gidMappings", "is missing: a new user namespace needs it");
        }

        if (uids) CheckMappings(linux.UidMappings!, "$.linux.uidMappings");
        if (gids) CheckMappings(linux.GidMappings!, "$.linux.gidMappings");
    }

    private void CheckTimeNamespace(RuntimeLinux linux)
    {
        if (linux.TimeOffsets is not { Count: > 0 } offsets) return;
        RuntimeNamespace? time = Find("time");
        if (time is null) throw Wrong("$.linux.timeOffsets", "needs a time namespace; add {\"type\": \"time\"} to linux.namespaces");
        if (!string.IsNullOrEmpty(time.Path))
            throw Wrong("$.linux.timeOffsets", "cannot be set in a time namespace that is joined by path; leave them out");
        foreach ((string clock, RuntimeTimeOffset offset) in offsets)
        {
            if (clock is not ("monotonic" or "boottime"))
                throw Wrong("$.linux.timeOffsets", $"{Quote(clock)} is no clock of a time namespace; use monotonic or boottime");
            if (offset.Nanosecs >= 1_000_000_000) throw Wrong($"$.linux.timeOffsets.{clock}.nanosecs", "must be less than 1000000000");
        }
    }

    private static void CheckDevices(RuntimeLinux linux)
    {
        const long MaxMajor = (1 << 12) - 1, MaxMinor = (1 << 20) - 1;
        for (int i = 0; i < linux.Devices?.Count; i++)
        {
            RuntimeDevice device = linux.Devices[i];
            if (device.Type is not ("c" or "b" or "u" or "p"))
                throw Wrong($"$.linux.devices[{i}].type", $"{Quote(device.Type)} is no type of node; use c, b, u or p");
            if (!device.Path.StartsWith('/'))
                throw Wrong($"$.linux.devices[{i}].path", $"{Quote(device.Path)} must be absolute: begin with a slash");
            if (device.Type == "p") continue;
            if (device.Major is < 0 or > MaxMajor) throw Wrong($"$.linux.devices[{i}].major", $"must be 0 to {MaxMajor}");
            if (device.Minor is < 0 or > MaxMinor) throw Wrong($"$.linux.devices[{i}].minor", $"must be 0 to {MaxMinor}");
        }
    }

    private void CheckNetwork(RuntimeLinux linux)
    {
        if (linux.NetDevices is not { Count: > 0 } devices) return;
        if (Find("network") is null)
            throw Wrong("$.linux.netDevices", "needs a network namespace; add {\"type\": \"network\"} to linux.namespaces");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, RuntimeNetDevice device) in devices)
        {
            if (!IsInterface(name)) throw Wrong("$.linux.netDevices", $"{Quote(name)} is no name of an interface");
            string inside = string.IsNullOrEmpty(device.Name) ? name : device.Name;
            if (!IsInterface(inside)) throw Wrong($"$.linux.netDevices.{name}.name", $"{Quote(inside)} is no name of an interface");
            if (!names.Add(inside) && !inside.Contains("%d", StringComparison.Ordinal))
                throw Wrong($"$.linux.netDevices.{name}.name", $"{Quote(inside)} is there twice; name each interface differently");
        }
    }

    /// <summary>dev_valid_name of the kernel.</summary>
    private static bool IsInterface(string name)
    {
        if (name is "" or "." or ".." || System.Text.Encoding.UTF8.GetByteCount(name) > 15) return false;
        foreach (char c in name)
        {
            if (c is '/' or ':' || char.IsWhiteSpace(c)) return false;
        }

        return true;
    }

    private void CheckSysctl(RuntimeLinux linux)
    {
        if (linux.Sysctl is null) return;
        foreach (string name in linux.Sysctl.Keys)
        {
            string path = SysctlName.Path(name);
            if (path.Length == 0 || path[0] == '/' || path[^1] == '/' || path.Contains("//", StringComparison.Ordinal) || HasParent(path))
                throw Wrong("$.linux.sysctl", $"{Quote(name)} is no name of a kernel parameter");
            string? owner = SysctlName.Namespace(path);
            if (owner is null)
            {
                throw Wrong(
                    "$.linux.sysctl",
                    $"{Quote(name)} belongs to the whole machine and not to a namespace; set it on the host with sysctl(8), or leave it out");
            }

            if (Find(owner) is null)
                throw Wrong("$.linux.sysctl", $"{Quote(name)} would change the host, since linux.namespaces has no {owner}; add it or leave this out");
            if (path == "kernel/hostname" && !string.IsNullOrEmpty(_config.Hostname)) throw Wrong("$.linux.sysctl", $"{Quote(name)} is said by $.hostname too; keep one");
            if (path == "kernel/domainname" && !string.IsNullOrEmpty(_config.Domainname)) throw Wrong("$.linux.sysctl", $"{Quote(name)} is said by $.domainname too; keep one");
        }
    }

    private static bool HasParent(string path)
    {
        foreach (Range part in path.AsSpan().Split('/'))
        {
            if (path.AsSpan()[part] is "." or "..") return true;
        }

        return false;
    }

    private static void CheckLinux(RuntimeLinux linux)
    {
        if (linux.RootfsPropagation is { Length: > 0 } propagation && propagation is not (
            "private" or "shared" or "slave" or "unbindable" or "rprivate" or "rshared" or "rslave" or "runbindable"))
        {
            throw Wrong("$.linux.rootfsPropagation", $"{Quote(propagation)} is no propagation; use private, shared, slave or unbindable");
        }

        if (linux.CgroupsPath is { } cgroup && HasParent(cgroup))
            throw Wrong("$.linux.cgroupsPath", $"{Quote(cgroup)} must not have \".\" or \"..\" in it");
        CheckPaths(linux.MaskedPaths, "maskedPaths");
        CheckPaths(linux.ReadonlyPaths, "readonlyPaths");
        if (linux.Personality is { } personality)
        {
            if (personality.Domain is not ("LINUX" or "LINUX32"))
                throw Wrong("$.linux.personality.domain", $"{Quote(personality.Domain)} is no domain; use LINUX or LINUX32");
            if (personality.Flags is { Count: > 0 } flags)
                throw Wrong("$.linux.personality.flags[0]", $"{Quote(flags[0])} is not supported: the specification names no flag; leave it out");
        }

        if (linux.MemoryPolicy is { } policy) CheckMemoryPolicy(policy);
        if (linux.IntelRdt is { } rdt) CheckIntelRdt(rdt);
    }

    private static void CheckPaths(List<string>? paths, string member)
    {
        for (int i = 0; i < paths?.Count; i++)
        {
            if (!paths[i].StartsWith('/')) throw Wrong($"$.linux.{member}[{i}]", $"{Quote(paths[i])} must be absolute: begin with a slash");
        }
    }

    /// <summary>set_mempolicy(2).</summary>
    private static void CheckMemoryPolicy(RuntimeMemoryPolicy policy)
    {
        const string At = "$.linux.memoryPolicy";
        CheckList(policy.Nodes, At + ".nodes", "memory nodes");
        bool nodes = !string.IsNullOrWhiteSpace(policy.Nodes);
        switch (policy.Mode)
        {
            case "MPOL_DEFAULT" or "MPOL_LOCAL" when nodes:
                throw Wrong(At + ".nodes", $"must be empty with {policy.Mode}");
            case "MPOL_BIND" or "MPOL_INTERLEAVE" or "MPOL_WEIGHTED_INTERLEAVE" or "MPOL_PREFERRED_MANY" when !nodes:
                throw Wrong(At + ".nodes", $"is missing: {policy.Mode} needs at least one node");
            case "MPOL_DEFAULT" or "MPOL_LOCAL" or "MPOL_BIND" or "MPOL_INTERLEAVE" or "MPOL_WEIGHTED_INTERLEAVE" or "MPOL_PREFERRED"
                or "MPOL_PREFERRED_MANY":
                break;
            default:
                throw Wrong(At + ".mode", $"{Quote(policy.Mode)} is no mode; see set_mempolicy(2) for the names, as MPOL_BIND");
        }

        bool relative = false, fixedNodes = false;
        for (int i = 0; i < policy.Flags?.Count; i++)
        {
            string flag = policy.Flags[i];
            if (flag is not ("MPOL_F_NUMA_BALANCING" or "MPOL_F_RELATIVE_NODES" or "MPOL_F_STATIC_NODES"))
                throw Wrong($"{At}.flags[{i}]", $"{Quote(flag)} is no flag; see set_mempolicy(2) for the names, as MPOL_F_STATIC_NODES");
            if (flag == "MPOL_F_NUMA_BALANCING" && policy.Mode is not ("MPOL_BIND" or "MPOL_PREFERRED_MANY"))
                throw Wrong($"{At}.flags[{i}]", $"{flag} goes with MPOL_BIND alone");
            relative |= flag == "MPOL_F_RELATIVE_NODES";
            fixedNodes |= flag == "MPOL_F_STATIC_NODES";
        }

        if (relative && fixedNodes) throw Wrong(At + ".flags", "must not have both MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES");
        if ((relative || fixedNodes) && !nodes) throw Wrong(At + ".flags", "needs nodes");
    }

    private static void CheckIntelRdt(RuntimeIntelRdt rdt)
    {
        const string At = "$.linux.intelRdt";
        if (rdt.ClosId is "." or ".." || (rdt.ClosId is not (null or "/") && rdt.ClosId.Contains('/', StringComparison.Ordinal)))
            throw Wrong(At + ".closID", $"{Quote(rdt.ClosId)} must be the name of a directory of resctrl, or \"/\"");
        if (rdt.L3CacheSchema?.Contains('\n', StringComparison.Ordinal) == true) throw Wrong(At + ".l3CacheSchema", "must be one line");
        if (rdt.MemBwSchema is { Length: > 0 } bandwidth
            && (bandwidth.Contains('\n', StringComparison.Ordinal) || !bandwidth.StartsWith("MB:", StringComparison.Ordinal)))
        {
            throw Wrong(At + ".memBwSchema", "must be one line that begins with \"MB:\"");
        }

        for (int i = 0; i < rdt.Schemata?.Count; i++)
        {
            if (rdt.Schemata[i].Contains('\n', StringComparison.Ordinal)) throw Wrong($"{At}.schemata[{i}]", "must be one line");
        }
    }
}
