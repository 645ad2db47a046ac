using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Linux.DBus;
using DockerPS.Linux.Systemd;

namespace DockerPS.Runtime.Cgroups;

/// <summary>A transient scope of systemd's for a container.</summary>
/// <remarks>https://systemd.io/CGROUP_DELEGATION/ and systemd.scope(5).</remarks>
internal static class SystemdScope
{
    /// <summary>The scope's properties: what makes it ours to fill, then the limits, then what annotations say; a later one takes the place of an earlier.</summary>
    public static List<UnitProperty> Properties(
        CgroupPlacement placement, string id, int pid, List<UnitProperty> limits, Dictionary<string, string>? annotations)
    {
        List<UnitProperty> properties =
        [
            new("Description", DBusVariant.From($"Container {id}")),
            new("Slice", DBusVariant.From(placement.Slice!)),
            new("PIDs", new DBusVariant("au", new object[] { (uint)pid })),
            // All below the scope, and the scope's own files, are ours to write.
            new("Delegate", DBusVariant.From(true)),
            // Not ordered against the units of a shutdown: whoever drives the container ends it.
            new("DefaultDependencies", DBusVariant.From(false)),
            new("MemoryAccounting", DBusVariant.From(true)),
            new("CPUAccounting", DBusVariant.From(true)),
            new("IOAccounting", DBusVariant.From(true)),
            new("TasksAccounting", DBusVariant.From(true)),
            .. limits,
        ];
        foreach (UnitProperty asked in SystemdAnnotations.Properties(annotations))
        {
            properties.RemoveAll(p => p.Name == asked.Name);
            properties.Add(asked);
        }
        return properties;
    }

    /// <summary>Starts it. A scope of that name which failed earlier makes room; one that lives is an error.</summary>
    public static void Start(SystemdConnection systemd, string unit, List<UnitProperty> properties)
    {
        try
        {
            systemd.StartTransientUnit(unit, properties);
        }
        catch (LinuxException e) when (e.Number == Errno.EEXIST)
        {
            systemd.ResetFailedUnit(unit);
            systemd.StartTransientUnit(unit, properties);
        }
    }

    /// <summary>Where systemd has put a process: below the mount point of its own hierarchy.</summary>
    public static string PathOf(int pid, CgroupLayout layout)
    {
        string file = $"/proc/{pid}/cgroup";
        string text = System.Text.Encoding.UTF8.GetString(LibC.TryReadFile(file) ?? []);
        return PathFrom(text, layout.Kind) ?? throw new LinuxException($"read({file}): no cgroup of systemd's", Errno.ENODATA);
    }

    /// <summary>The path in the lines <c>hierarchy:controllers:path</c>; null when none is systemd's.</summary>
    internal static string? PathFrom(string cgroups, CgroupKind kind)
    {
        // systemd keeps its processes in the named hierarchy of version 1, and where that is not there in version 2.
        string? unified = null;
        foreach (string line in cgroups.Split('\n'))
        {
            if (kind != CgroupKind.V2 && line.IndexOf(":name=systemd:", StringComparison.Ordinal) is var named && named > 0)
                return line[(named + ":name=systemd:".Length)..];
            if (line.StartsWith("0::", StringComparison.Ordinal)) unified = line[3..];
        }
        return unified is { Length: > 1 } ? unified : null;
    }
}
