using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// Device nodes and links that every container has (OCI runtime-spec, config-linux.md, "Default Devices"), and those asked for.
/// Where nodes cannot be made, as in a user namespace, the machine's are bound. In a /dev that is bound from the machine nothing is made.
/// </summary>
internal static unsafe class Devices
{
    private const uint S_IFCHR = 0x2000, S_IFBLK = 0x6000, S_IFIFO = 0x1000, ReadWriteAll = 0x1B6, ModeBits = 0xFFF;

    private static ReadOnlySpan<(string Path, uint Major, uint Minor)> Defaults => new[]
    {
        ("/dev/null", 1u, 3u), ("/dev/zero", 1u, 5u), ("/dev/full", 1u, 7u), ("/dev/random", 1u, 8u), ("/dev/urandom", 1u, 9u),
        ("/dev/tty", 5u, 0u),
    };

    public static void Make(StepPlan plan, Setting setting)
    {
        bool bound = IsBound(setting);
        if (!bound)
        {
            foreach ((string path, uint major, uint minor) in Defaults)
                Add(plan, setting, "the default devices", path, S_IFCHR | ReadWriteAll, LibC.MakeDevice(major, minor), 0, 0, isDefault: true);
        }

        List<RuntimeDevice> devices = setting.Linux.Devices ?? [];
        for (int i = 0; i < devices.Count; i++)
        {
            if (!bound || !devices[i].Path.StartsWith("/dev/", StringComparison.Ordinal)) Add(plan, setting, devices[i], $"$.linux.devices[{i}]");
        }

        foreach (HostDevice device in setting.Devices)
        {
            if (!bound || !device.Target.StartsWith("/dev/", StringComparison.Ordinal))
                Add(plan, setting, "devices of the machine", device.Target, device.Mode, device.Number, device.Uid, device.Gid, isDefault: false);
        }

        if (bound) return;
        Link(plan, "/proc/self/fd", "/dev/fd");
        Link(plan, "/proc/self/fd/0", "/dev/stdin");
        Link(plan, "/proc/self/fd/1", "/dev/stdout");
        Link(plan, "/proc/self/fd/2", "/dev/stderr");
        Link(plan, "/proc/kcore", "/dev/core");
        Link(plan, "pts/ptmx", "/dev/ptmx");
    }

    /// <summary>The container has the machine's /dev.</summary>
    public static bool IsBound(Setting setting)
    {
        foreach (RuntimeMount mount in setting.Config.Mounts ?? [])
        {
            if (mount.Destination.TrimEnd('/') != "/dev") continue;
            if (mount.Type is "bind" or "devtmpfs") return true;
            if (mount.Options is { } options && (options.Contains("bind") || options.Contains("rbind"))) return true;
        }

        return false;
    }

    private static void Add(StepPlan plan, Setting setting, RuntimeDevice device, string where)
    {
        uint type = device.Type switch
        {
            "c" or "u" => S_IFCHR,
            "b" => S_IFBLK,
            "p" => S_IFIFO,
            _ => throw Setting.Invalid($"{where}.type: '{device.Type}' is not one of c, b, u and p"),
        };
        if (!device.Path.StartsWith('/')) throw Setting.Invalid($"{where}.path: '{device.Path}' must be absolute");
        ulong number = 0;
        if (type != S_IFIFO)
        {
            if (device.Major is < 0 or > uint.MaxValue) throw Setting.Invalid($"{where}.major: {device.Major} is no device number");
            if (device.Minor is < 0 or > uint.MaxValue) throw Setting.Invalid($"{where}.minor: {device.Minor} is no device number");
            number = LibC.MakeDevice((uint)device.Major, (uint)device.Minor);
        }

        // Tools put the bits of the type into the mode, too.
        uint mode = type | ((device.FileMode ?? ReadWriteAll) & ModeBits);
        Add(plan, setting, where, Path.GetFullPath(device.Path), mode, number, device.Uid ?? 0, device.Gid ?? 0, isDefault: false);
    }

    private static void Add(
        StepPlan plan, Setting setting, string where, string path, uint mode, ulong number, uint uid, uint gid, bool isDefault) =>
        plan.Add(RuntimeStages.Devices, $"{where}: mknod({path})", new Step
        {
            Kind = StepKind.DeviceAt,
            Path = plan.Text(path),
            Flags = mode,
            Value = number,
            Extra = ((ulong)uid << 32) | gid,
            Clear = (setting.InUserNamespace ? DeviceTraits.Bind : 0) | (isDefault ? DeviceTraits.Replace : 0),
        });

    private static void Link(StepPlan plan, string target, string path) =>
        plan.Add(
            RuntimeStages.Devices,
            $"symlink({target}, {path})",
            new Step { Kind = StepKind.SymlinkAt, Source = plan.Text(target), Path = plan.Text(path) });
}
