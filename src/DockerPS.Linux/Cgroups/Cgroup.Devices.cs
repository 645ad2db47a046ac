using DockerPS.Linux.Bpf;

namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    /// <summary>
    /// Restricts the devices that the group's processes may make, read and write: through version 1's controller where the host has
    /// it, else by a BPF program on the version 2 directory, which lives as long as the directory.
    /// </summary>
    /// <param name="rules">The whole list.</param>
    /// <param name="replace">The group may have rules already, or be one that others made: these take their place.</param>
    /// <exception cref="LinuxException">ENODEV: the host can do neither.</exception>
    public void RestrictDevices(IReadOnlyList<DeviceRule> rules, bool replace = false)
    {
        if (rules.Count == 0) return;
        // A group that was just made allows what its parent allows.
        bool allowsAll = rules.Count == 1 && rules[0].IsForEverything && rules[0].Allow;
        if (allowsAll && !replace) return;
        if (DirectoryOf("devices") is not null)
        {
            Apply(DeviceRule.ToWrites(rules));
            return;
        }
        if (Version2Directory is not { } directory)
            throw new LinuxException("linux.resources.devices: no devices cgroup controller", Errno.ENODEV);

        int descriptor = CgroupFile.OpenDirectory(directory, readable: true);
        try
        {
            // The new one stands before the old ones go: at no moment is more allowed than either does.
            uint[] before = replace ? DeviceFilter.Attached(descriptor) : [];
            if (!allowsAll) LoadAndAttach(rules, descriptor);
            foreach (uint program in before) DeviceFilter.Detach(program, descriptor);
        }
        finally
        {
            CgroupFile.Close(descriptor);
        }
    }

    private static void LoadAndAttach(IReadOnlyList<DeviceRule> rules, int directory)
    {
        int program = DeviceFilter.Load(DeviceFilter.Compile(rules));
        try
        {
            DeviceFilter.Attach(program, directory);
        }
        finally
        {
            CgroupFile.Close(program);
        }
    }
}
