using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Looks at the host's devices that supervise.json names: their nodes for the container, their rules for its devices cgroup.</summary>
internal static unsafe class HostDevices
{
    public static void Collect(Setting setting)
    {
        if (setting.Surroundings is not { } surroundings) return;
        if (surroundings.AllDevices) AddBelow(setting, "/dev", "/dev", null);
        foreach (SuperviseDevice device in surroundings.Devices)
        {
            if (Directory.Exists(device.Source)) AddBelow(setting, device.Source, device.Target, device.Permissions);
            else if (!TryAdd(setting, device.Source, device.Target, device.Permissions))
            {
                throw new RuntimeFailureException(
                    RuntimeStages.Devices, $"'{device.Source}' is not a device of this machine. Look at /dev for its name.");
            }
        }
    }

    private static void AddBelow(Setting setting, string source, string target, string? permissions)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(source))
        {
            string name = Path.GetFileName(entry);
            if (source == "/dev" && name is "pts" or "shm" or "mqueue" or "console" or "fd" or "stdin" or "stdout" or "stderr") continue;
            if (new FileInfo(entry).LinkTarget is not null) continue;
            if (Directory.Exists(entry)) AddBelow(setting, entry, target + "/" + name, permissions);
            else TryAdd(setting, entry, target + "/" + name, permissions);
        }
    }

    private static bool TryAdd(Setting setting, string source, string target, string? permissions)
    {
        LibC.statx_result facts;
        fixed (byte* path = Encoding.UTF8.GetBytes(source + "\0"))
        {
            if (LibC.statx(LibC.AT_FDCWD, path, 0, LibC.STATX_BASIC_STATS, &facts) != 0) return false;
        }

        uint kind = facts.Mode & LibC.S_IFMT;
        if (kind is not (LibC.S_IFCHR or LibC.S_IFBLK)) return false;
        setting.Devices.Add(new HostDevice(
            target, facts.Mode, LibC.MakeDevice(facts.DeviceMajorOfNode, facts.DeviceMinorOfNode), facts.User, facts.Group));
        if (permissions is null) return true;
        setting.Linux.Resources ??= new RuntimeResources();
        (setting.Linux.Resources.Devices ??= []).Add(new RuntimeDeviceRule
        {
            Allow = true,
            Type = kind == LibC.S_IFCHR ? "c" : "b",
            Major = facts.DeviceMajorOfNode,
            Minor = facts.DeviceMinorOfNode,
            Access = permissions,
        });
        return true;
    }
}
