using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Device nodes and links that every container has (OCI runtime-spec, config-linux.md, "Default Devices"), and those asked for.</summary>
internal static unsafe class Devices
{
    private const uint S_IFCHR = 0x2000, S_IFBLK = 0x6000, S_IFIFO = 0x1000, ReadWriteAll = 0x1B6;

    private static ReadOnlySpan<(string Path, uint Major, uint Minor)> Defaults => new[]
    {
        ("/dev/null", 1u, 3u), ("/dev/zero", 1u, 5u), ("/dev/full", 1u, 7u), ("/dev/random", 1u, 8u), ("/dev/urandom", 1u, 9u),
        ("/dev/tty", 5u, 0u),
    };

    public static void Make(StepPlan plan, Setting setting)
    {
        foreach ((string path, uint major, uint minor) in Defaults)
            Add(plan, path, S_IFCHR | ReadWriteAll, LibC.MakeDevice(major, minor), 0, 0);
        foreach (RuntimeDevice device in setting.Linux.Devices ?? []) Add(plan, device);
        foreach (HostDevice device in setting.Devices) Add(plan, device.Target, device.Mode, device.Number, device.Uid, device.Gid);
        Link(plan, "/proc/self/fd", "/dev/fd");
        Link(plan, "/proc/self/fd/0", "/dev/stdin");
        Link(plan, "/proc/self/fd/1", "/dev/stdout");
        Link(plan, "/proc/self/fd/2", "/dev/stderr");
        Link(plan, "/proc/kcore", "/dev/core");
        Link(plan, "pts/ptmx", "/dev/ptmx");
    }

    private static void Add(StepPlan plan, RuntimeDevice device)
    {
        uint type = device.Type switch
        {
            "c" or "u" => S_IFCHR,
            "b" => S_IFBLK,
            "p" => S_IFIFO,
            _ => throw Setting.Invalid($"linux.devices: '{device.Type}' is not one of c, b, u and p"),
        };
        ulong number = type == S_IFIFO ? 0 : LibC.MakeDevice((uint)device.Major, (uint)device.Minor);
        Add(plan, device.Path, type | (device.FileMode ?? ReadWriteAll), number, device.Uid ?? 0, device.Gid ?? 0);
    }

    private static void Add(StepPlan plan, string path, uint mode, ulong number, uint uid, uint gid) =>
        plan.Add(RuntimeStages.Devices, $"mknod({path})", new Step
        {
            Kind = StepKind.DeviceAt,
            Path = plan.Text(path),
            Flags = mode,
            Value = number,
            Extra = ((ulong)uid << 32) | gid,
        });

    private static void Link(StepPlan plan, string target, string path) =>
        plan.Add(
            RuntimeStages.Devices,
            $"symlink({target}, {path})",
            new Step { Kind = StepKind.SymlinkAt, Source = plan.Text(target), Path = plan.Text(path) });
}
