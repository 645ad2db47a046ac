using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>The mounts of config.json, in its order, below the root file system (OCI runtime-spec, config.md, "Mounts").</summary>
internal static unsafe class MountPlan
{
    /// <summary>What may be mounted on inside of procfs, as every runtime allows: lxcfs serves these files, and they unlock nothing.</summary>
    private static bool IsSafeInProcfs(string path) => path is "/proc/cpuinfo" or "/proc/diskstats" or "/proc/meminfo" or "/proc/stat"
        or "/proc/swaps" or "/proc/uptime" or "/proc/loadavg" or "/proc/slabinfo" or "/proc/sys/kernel/ns_last_pid"
        or "/proc/sys/crypto/fips_enabled";

    public static void Mount(StepPlan plan, Setting setting)
    {
        List<RuntimeMount> mounts = setting.Config.Mounts ?? [];
        bool detached = DetachedRoot.IsUsed(setting);
        ulong traits = detached ? MountTraits.InDetachedRoot : 0;
        if (detached) DetachedRoot.Check(setting);
        for (int i = 0; i < mounts.Count; i++)
        {
            RuntimeMount mount = mounts[i];
            string where = $"$.mounts[{i}]";
            if (!mount.Destination.StartsWith('/'))
                throw Setting.Invalid($"{where}.destination: '{mount.Destination}' must be absolute");
            // Purely of the text: what the path's links say is decided by the kernel, below the root.
            string destination = Path.GetFullPath(mount.Destination);
            MountOptions options = MountOptions.Parse(mount.Options, where + ".options");
            var item = new MountItem(i, where, mount, destination, options);
            if (options.CopyUp && mount.Type != "tmpfs") throw Setting.Invalid($"{where}.options: 'tmpcopyup' is for a tmpfs alone");
            if (detached)
            {
                DetachedRoot.Check(item);
                item = item with { Options = options with { Propagation = 0 } };
            }

            if (options.Remount) AddRemount(plan, item);
            else if (options.Bind || mount.Type == "bind") AddBind(plan, setting, item, traits);
            else if (mount.Type is "cgroup" or "cgroup2") CgroupMounts.Add(plan, setting, item);
            else AddFileSystem(plan, setting, item, traits);
        }
    }

    public static void AddFileSystem(StepPlan plan, Setting setting, MountItem item, ulong traits = 0)
    {
        string type = item.Mount.Type is { Length: > 0 } given ? given : throw Setting.Invalid($"{item.Where}.type: is missing");
        MountOptions options = item.Options;
        if (item.Destination == "/proc" && type != "proc") throw Setting.Invalid($"{item.Where}.type: only procfs may be mounted on /proc");
        if (type is "proc" or "sysfs") traits |= MountTraits.NoLinks;
        if (item.Destination == "/proc") traits |= MountTraits.InsideProcfs;
        else RefuseInsideProcfs(item);
        if (SharedFileSystem.Open(setting, type, item) is >= 0 and int shared)
        {
            AddTree(plan, item, shared, type, traits);
            return;
        }

        string? data = SecurityLabels.MountData(setting, type, options.Data);
        bool ownMode = HasOption(data, "mode=");
        bool detached = options.CopyUp || (traits & (MountTraits.KeepTree | MountTraits.InDetachedRoot)) != 0
            || (options.RecursiveSet | options.RecursiveClear) != 0 || NeedsPropagation(setting, options);
        string call = $"{item.Where}: mount({type}, {item.Destination}{(data is null ? "" : ", " + data)})";
        if (detached)
        {
            plan.Add(RuntimeStages.Mounts, call, new Step
            {
                Kind = StepKind.FileSystemAt,
                Source = plan.Text(item.Mount.Source is { Length: > 0 } source ? source : type),
                Path = plan.Text(item.Destination),
                Type = plan.Text(type),
                Data = Pairs(plan, data, options.Flags),
                Flags = options.Set,
                Clear = options.Clear,
                RecursiveSet = options.RecursiveSet,
                RecursiveClear = options.RecursiveClear,
                Propagation = options.Propagation,
                Value = traits | (options.CopyUp ? MountTraits.CopyUp : 0),
                Extra = ownMode || HasOption(data, "uid=") || HasOption(data, "gid=") ? 1UL : 0,
            });
            return;
        }

        ulong modeAt = 0;
        if (type == "tmpfs" && !ownMode)
        {
            // A tmpfs over a directory keeps that directory's mode; over one that has to be made first it is open to all.
            data = data is null ? "mode=1777" : data + ",mode=1777";
            modeAt = (ulong)Encoding.UTF8.GetByteCount(data) - 4;
            traits |= MountTraits.ModeOfTarget;
        }

        plan.Add(RuntimeStages.Mounts, call, new Step
        {
            Kind = StepKind.MountAt,
            Source = plan.Text(item.Mount.Source is { Length: > 0 } from ? from : type),
            Path = plan.Text(item.Destination),
            Type = plan.Text(type),
            Flags = options.Flags,
            Data = plan.Text(data),
            Value = traits,
            Extra = modeAt,
        });
    }

    public static void AddBind(StepPlan plan, Setting setting, MountItem item, ulong traits = 0)
    {
        RefuseDataOptions(item);
        if (item.Mount.Source is not { Length: > 0 } given) throw Setting.Invalid($"{item.Where}.source: is missing");
        string source = Path.GetFullPath(given, setting.Bundle);
        if (item.Destination == "/proc") traits |= MountTraits.InsideProcfs | MountTraits.ProcfsSource | MountTraits.NoLinks;
        else if (IsSafeInProcfs(item.Destination)) traits |= MountTraits.InsideProcfs | MountTraits.NoLinks;
        else if ((traits & MountTraits.BelowTree) == 0) RefuseInsideProcfs(item);
        int tree = MountSources.Open(setting, item, source);
        if (tree < 0 && !setting.JoinsMountNamespace && !Path.Exists(source))
        {
            throw new RuntimeFailureException(
                RuntimeStages.Mounts,
                $"{item.Where}.source: The source '{source}' of the mount on '{item.Destination}' is not there.",
                $"mount({source})",
                Errno.ENOENT);
        }

        AddTree(plan, item, tree, source, traits);
    }

    /// <summary>A tree that is there, or with -1 one that the child clones from the source.</summary>
    private static void AddTree(StepPlan plan, MountItem item, int tree, string source, ulong traits)
    {
        MountOptions options = item.Options;
        plan.Add(RuntimeStages.Mounts, $"{item.Where}: mount({source}, {item.Destination})", new Step
        {
            Kind = StepKind.BindAt,
            Fd = tree,
            Source = plan.Text(source),
            Path = plan.Text(item.Destination),
            Flags = options.Set,
            Clear = options.Clear,
            RecursiveSet = options.RecursiveSet,
            RecursiveClear = options.RecursiveClear,
            Propagation = options.Propagation,
            Value = traits | (options.Recursive ? MountTraits.Recursive : 0) | (tree >= 0 ? MountTraits.GivenTree : 0),
        });
    }

    /// <summary>Attributes of a mount that an earlier one made, or with "bind" absent the flags and options of its file system, too.</summary>
    private static void AddRemount(StepPlan plan, MountItem item)
    {
        MountOptions options = item.Options;
        ulong traits = item.Destination == "/proc" || IsSafeInProcfs(item.Destination) ? MountTraits.InsideProcfs : 0;
        if (!options.Bind && item.Mount.Type != "bind")
        {
            plan.Add(RuntimeStages.Mounts, $"{item.Where}: mount({item.Destination}, remount)", new Step
            {
                Kind = StepKind.MountAt,
                Path = plan.Text(item.Destination),
                Flags = options.Flags | LibC.MS_REMOUNT,
                Data = plan.Text(options.Data),
                Value = traits,
            });
            options.Flags = 0;
            options.Cleared = 0;
        }

        plan.Add(RuntimeStages.Mounts, $"{item.Where}: mount_setattr({item.Destination})", new Step
        {
            Kind = StepKind.AttributesAt,
            Path = plan.Text(item.Destination),
            Flags = options.Set,
            Clear = options.Clear,
            RecursiveSet = options.RecursiveSet,
            RecursiveClear = options.RecursiveClear,
            Propagation = options.Propagation,
            Value = traits,
        });
    }

    /// <summary>Words that mean nothing to a bind mount. Those with a value are for file systems, and the validator has warned of them.</summary>
    private static void RefuseDataOptions(MountItem item)
    {
        foreach (string option in (item.Options.Data ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (option.Contains('=', StringComparison.Ordinal) && !option.Contains("idmap=", StringComparison.Ordinal)) continue;
            throw Setting.Invalid($"{item.Where}.options[{item.Mount.Options!.FindIndex(o => o.Contains(option))}]: '{option}' is no option of a bind mount");
        }
    }

    private static void RefuseInsideProcfs(MountItem item)
    {
        if (item.Destination.StartsWith("/proc/", StringComparison.Ordinal))
        {
            throw Setting.Invalid(
                $"{item.Where}.destination: '{item.Destination}' is inside of procfs, where a mount could undo what protects the container");
        }
    }

    /// <summary>
    /// A new mount is private where what it is mounted on is: only then does asking for private or slave change nothing, and mount(2)
    /// alone does.
    /// </summary>
    private static bool NeedsPropagation(Setting setting, MountOptions options)
    {
        if (options.Propagation == 0) return false;
        for (ulong rest = options.Propagation; rest != 0; rest >>= 8)
        {
            if ((rest & 7) is not (2 or 3)) return true;
        }

        if (RootFileSystem.IsShared(setting)) return true;
        foreach (RuntimeMount mount in setting.Config.Mounts ?? [])
        {
            if (mount.Options is { } others && (others.Contains("shared") || others.Contains("rshared"))) return true;
        }

        return false;
    }

    private static bool HasOption(string? data, string start) =>
        data is not null && (data.StartsWith(start, StringComparison.Ordinal) || data.Contains("," + start, StringComparison.Ordinal));

    /// <summary>Options as pairs of key and value for fsconfig(2), those that concern the whole file system before all.</summary>
    private static byte* Pairs(StepPlan plan, string? data, ulong flags)
    {
        var text = new StringBuilder();
        if ((flags & LibC.MS_RDONLY) != 0) text.Append("ro\0\0");
        if ((flags & LibC.MS_SYNCHRONOUS) != 0) text.Append("sync\0\0");
        if ((flags & LibC.MS_DIRSYNC) != 0) text.Append("dirsync\0\0");
        if ((flags & LibC.MS_MANDLOCK) != 0) text.Append("mand\0\0");
        if ((flags & LibC.MS_LAZYTIME) != 0) text.Append("lazytime\0\0");
        if ((flags & LibC.MS_I_VERSION) != 0) text.Append("iversion\0\0");
        foreach (string option in (data ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = option.IndexOf('=');
            if (equals < 0) text.Append(option).Append("\0\0");
            else text.Append(option, 0, equals).Append('\0').Append(option, equals + 1, option.Length - equals - 1).Append('\0');
        }

        return plan.Text(text.Append('\0').ToString());
    }
}
