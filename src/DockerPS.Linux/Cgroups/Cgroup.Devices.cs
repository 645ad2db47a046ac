using DockerPS.Linux.Bpf;

namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    /// <summary>
    /// Restricts the devices that the group's processes may make, read and write: through version 1's controller where the host has
    /// it, else by a BPF program on the version 2 directory, which lives as long as the directory. Once a group.
    /// </summary>
    /// <exception cref="LinuxException">ENODEV: the host can do neither.</exception>
    public void RestrictDevices(IReadOnlyList<DeviceRule> rules)
    {
        // A group that was just made allows what its parent allows.
        if (rules.Count == 0 || (rules.Count == 1 && rules[0].IsForEverything && rules[0].Allow)) return;
        if (DirectoryOf("devices") is not null)
        {
            Apply(DeviceRule.ToWrites(rules));
            return;
        }
        if (Version2Directory is not { } directory)
            throw new LinuxException("linux.resources.devices: no devices cgroup controller", Errno.ENODEV);

        int program = DeviceFilter.Load(DeviceFilter.Compile(rules));
        try
        {
            int descriptor = CgroupFile.OpenDirectory(directory, readable: true);
            try
            {
                DeviceFilter.Attach(program, descriptor);
            }
            finally
            {
                CgroupFile.Close(descriptor);
            }
        }
        finally
        {
            CgroupFile.Close(program);
        }
    }
}
