using System.Globalization;
using DockerPS.Engine.Networks;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Engine.Containers;

/// <summary>Makes config.json of a plan: process, root, namespaces and limits. The mounts are in <see cref="MountPlan"/>.</summary>
internal static class RuntimeConfigBuilder
{
    private const ulong CpuPeriod = 100_000;

    private static readonly string[] MaskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <param name="plan">What to make.</param>
    /// <param name="warn">Told what cannot be had on this machine and is left out.</param>
    public static RuntimeConfig Build(BundlePlan plan, Action<string> warn)
    {
        ContainerSpec spec = plan.Spec;
        RuntimeProcess process = Process(plan, warn);
        RuntimeLinux linux = Linux(plan, warn);
        process.ApparmorProfile = SecurityModules.AppArmorProfile(spec);
        (process.SelinuxLabel, linux.MountLabel) = SecurityModules.SelinuxLabels(spec) ?? default;
        linux.Seccomp = SeccompOption.Resolve(
            spec,
            () => File.Exists(plan.Directory.SeccompProfile) ? File.ReadAllBytes(plan.Directory.SeccompProfile) : null,
            process.Capabilities?.Bounding ?? [],
            plan.Host.Seccomp);
        return new RuntimeConfig
        {
            Process = process,
            Root = new RuntimeRoot { Path = plan.Directory.Rootfs, Readonly = spec.ReadOnly },
            Hostname = OwnUts(spec) ? plan.Hostname : null,
            Domainname = OwnUts(spec) ? spec.DomainName : null,
            Mounts = MountPlan.Of(plan),
            Annotations = spec.Annotations.Count > 0 ? new(spec.Annotations) : null,
            Linux = linux,
        };
    }

    /// <summary>Environment of the container's processes; the runtime adds HOME.</summary>
    public static List<string> Environment(ContainerSpec spec, string hostname, IReadOnlyList<string> more)
    {
        List<string> own = ["HOSTNAME=" + hostname];
        if (spec.Tty) own.Add("TERM=xterm");
        return ImageDefaults.MergeEnvironment([ImageDefaults.Path], own, spec.Environment, more);
    }

    public static bool NoNewPrivileges(ContainerSpec spec) =>
        spec.SecurityOptions.Any(o => o.Replace(':', '=') is "no-new-privileges" or "no-new-privileges=true");

    /// <summary>The same set as bounding, effective and permitted; none is inheritable, so that a program without them gains none.</summary>
    public static RuntimeCapabilities CapabilitySets(List<string> names) => new() { Bounding = names, Effective = names, Permitted = names };

    private static RuntimeProcess Process(BundlePlan plan, Action<string> warn)
    {
        ContainerSpec spec = plan.Spec;
        List<string> capabilities = Capabilities.Of(spec, plan.Host.BoundingCapabilities, out List<string> missing);
        if (missing.Count > 0) warn($"This machine does not have {string.Join(", ", missing)}; the container runs without.");
        List<RuntimeRlimit> rlimits = Ulimits.Of(spec.Ulimits, plan.Host.Limits, out List<string> cut);
        if (cut.Count > 0) warn($"The limit of {string.Join(", ", cut)} is above what this machine allows and was lowered to that.");
        return new RuntimeProcess
        {
            Terminal = spec.Tty,
            Args = [.. spec.Entrypoint ?? [], .. spec.Command ?? []],
            Env = Environment(spec, plan.Hostname, []),
            Cwd = spec.WorkingDirectory ?? "/",
            Capabilities = CapabilitySets(capabilities),
            Rlimits = rlimits.Count > 0 ? rlimits : null,
            NoNewPrivileges = NoNewPrivileges(spec),
            OomScoreAdj = spec.OomScoreAdjust,
        };
    }

    private static RuntimeLinux Linux(BundlePlan plan, Action<string> warn)
    {
        ContainerSpec spec = plan.Spec;
        bool unconfined = spec.Privileged || spec.SecurityOptions.Any(o => o.Replace(':', '=') == "systempaths=unconfined");
        return new RuntimeLinux
        {
            Namespaces = Namespaces(plan),
            UidMappings = Mappings(spec.UserNamespace?.UidMappings),
            GidMappings = Mappings(spec.UserNamespace?.GidMappings),
            CgroupsPath = $"{CgroupParent.Of(spec.CgroupParent)}/{plan.Id}",
            Resources = Resources(plan, warn),
            RootfsPropagation = MountPlan.RootPropagation(spec),
            Sysctl = Sysctls(spec),
            MaskedPaths = unconfined ? null : [.. MaskedPaths, .. plan.Host.ThermalThrottlePaths],
            ReadonlyPaths = unconfined ? null : [.. ReadonlyPaths],
        };
    }

    private static List<RuntimeNamespace> Namespaces(BundlePlan plan)
    {
        ContainerSpec spec = plan.Spec;
        List<RuntimeNamespace> namespaces = [new RuntimeNamespace { Type = "mount" }];
        Add("network", "net", spec.Network);
        Add("pid", "pid", spec.PidMode);
        Add("ipc", "ipc", spec.IpcMode);
        Add("uts", "uts", spec.UtsMode);
        if (plan.OwnUsers) namespaces.Add(new RuntimeNamespace { Type = "user" });
        if (spec.CgroupMode != "host") namespaces.Add(new RuntimeNamespace { Type = "cgroup" });
        return namespaces;

        void Add(string type, string file, string? mode)
        {
            if (mode == "host") return;
            string? path = plan.Joined.TryGetValue(type, out JoinedContainer? joined) ? $"/proc/{joined.Pid}/ns/{file}" : null;
            namespaces.Add(new RuntimeNamespace { Type = type, Path = path });
        }
    }

    private static List<RuntimeIdMapping>? Mappings(IReadOnlyList<ContainerIdMapping>? mappings) => mappings is { Count: > 0 }
        ? [.. mappings.Select(m => new RuntimeIdMapping { ContainerId = m.ContainerId, HostId = m.HostId, Size = m.Size })]
        : null;

    /// <summary>Up to which all groups exist: the kernel takes no others.</summary>
    private static uint LastGroup(ContainerSpec spec)
    {
        if (spec.UserNamespace is not { GidMappings.Count: > 0 } users) return int.MaxValue;
        uint next = 0;
        while (users.GidMappings.FirstOrDefault(m => next >= m.ContainerId && next - m.ContainerId < m.Size) is { } range)
            next = range.ContainerId + range.Size;
        return next == 0 ? 0 : next - 1;
    }

    private static Dictionary<string, string>? Sysctls(ContainerSpec spec)
    {
        var sysctls = new Dictionary<string, string>(StringComparer.Ordinal);
        // Any group may send pings without a capability.
        if (OwnNetwork(spec)) sysctls["net.ipv4.ping_group_range"] = "0 " + LastGroup(spec).ToString(CultureInfo.InvariantCulture);
        foreach ((string key, string value) in spec.Sysctls) sysctls[key.Replace('/', '.')] = value;
        return sysctls.Count > 0 ? sysctls : null;
    }

    private static RuntimeResources Resources(BundlePlan plan, Action<string> warn)
    {
        ContainerSpec spec = plan.Spec;
        return new RuntimeResources
        {
            Devices = [.. DeviceRules(spec.Privileged), .. spec.DeviceCgroupRules.Select(DeviceCgroupRule.Parse)],
            Memory = Memory(plan, warn),
            Cpu = Cpu(spec),
            Pids = spec.PidsLimit is > 0 and { } pids ? new RuntimePids { Limit = pids } : null,
            BlockIo = spec.BlkioWeight is > 0 and { } weight ? new RuntimeBlockIo { Weight = (ushort)weight } : null,
        };
    }

    private static RuntimeMemory? Memory(BundlePlan plan, Action<string> warn)
    {
        ContainerSpec spec = plan.Spec;
        long? limit = spec.Memory is { Bytes: > 0 } memory ? memory.Bytes : null;
        long? swap = spec.MemorySwap is { Bytes: not 0 } asked ? asked.Bytes : limit is { } l && l <= long.MaxValue / 2 ? l * 2 : null;
        if (swap is not null && !plan.Host.SwapAccounting)
        {
            warn("This kernel does not count swap; the limit is of memory alone.");
            swap = null;
        }

        if (limit is null && swap is null && spec.MemoryReservation is null && !spec.OomKillDisable) return null;
        if (spec.OomKillDisable && plan.Host.CgroupVersion == "v2")
            warn("Version 2 of cgroups cannot disable the OOM killer; the option is left out.");
        return new RuntimeMemory
        {
            Limit = limit,
            Swap = swap,
            Reservation = spec.MemoryReservation?.Bytes,
            DisableOomKiller = spec.OomKillDisable && plan.Host.CgroupVersion != "v2" ? true : null,
        };
    }

    private static RuntimeCpu? Cpu(ContainerSpec spec)
    {
        if (spec is { Cpus: null, CpuShares: null or 0, CpusetCpus: null, CpusetMems: null }) return null;
        return new RuntimeCpu
        {
            Shares = spec.CpuShares is > 0 and { } shares ? (ulong)shares : null,
            Quota = spec.Cpus is { } cpus ? (long)(cpus * CpuPeriod) : null,
            Period = spec.Cpus is null ? null : CpuPeriod,
            Cpus = spec.CpusetCpus,
            Mems = spec.CpusetMems,
        };
    }

    /// <summary>All is forbidden but making nodes and the devices that every container has; devices asked for are allowed by the supervisor.</summary>
    private static List<RuntimeDeviceRule> DeviceRules(bool privileged)
    {
        if (privileged) return [new RuntimeDeviceRule { Allow = true, Access = "rwm" }];
        return
        [
            new RuntimeDeviceRule { Allow = false, Access = "rwm" },
            new RuntimeDeviceRule { Allow = true, Type = "c", Access = "m" },
            new RuntimeDeviceRule { Allow = true, Type = "b", Access = "m" },
            Character(1, 3),   // null
            Character(1, 5),   // zero
            Character(1, 7),   // full
            Character(1, 8),   // random
            Character(1, 9),   // urandom
            Character(5, 0),   // tty
            Character(5, 1),   // console
            Character(5, 2),   // ptmx
            Character(136, null), // pts
        ];

        static RuntimeDeviceRule Character(long major, long? minor) =>
            new() { Allow = true, Type = "c", Major = major, Minor = minor, Access = "rwm" };
    }

    private static bool OwnNetwork(ContainerSpec spec) =>
        !NetworkNames.IsShared(spec);

    private static bool OwnUts(ContainerSpec spec) => spec.UtsMode is null or "" or "private";
}
