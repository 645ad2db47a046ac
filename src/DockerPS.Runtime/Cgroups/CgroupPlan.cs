using System.Globalization;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

/// <summary>What a file of the group says now: controller and file name; null when there is none.</summary>
internal delegate string? CgroupReader(string controller, string file);

/// <summary>
/// What <c>linux.resources</c> asks of a container's cgroup, as data: what to write where, in order, for the versions of the
/// controllers that the host has. Making it touches nothing; <see cref="Apply"/> carries it out.
/// </summary>
/// <remarks>https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#control-groups</remarks>
internal sealed partial class CgroupPlan
{
    private const string Resources = "linux.resources.";
    private readonly CgroupLayout _layout;
    private readonly bool _lenient;

    // What the files say now; null for a new group, where they say the kernel's defaults.
    private readonly CgroupReader? _current;

    private CgroupPlan(CgroupLayout layout, bool lenient, CgroupReader? current)
    {
        _layout = layout;
        _lenient = lenient;
        _current = current;
    }

    /// <summary>All but the devices.</summary>
    public List<CgroupWrite> Writes { get; } = [];

    /// <summary>The container's whole list of device rules, the default devices among them; empty in an update that leaves them alone.</summary>
    public List<DeviceRule> Devices { get; private set; } = [];

    /// <summary>What was asked for and cannot be had here, yet is no reason not to start.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Plans the resources of a new group; null asks for nothing but the default devices.</summary>
    /// <param name="resources">As in config.json.</param>
    /// <param name="layout">This host's hierarchies.</param>
    /// <param name="lenient">
    /// As Docker does: settings that its users often carry from host to host (I/O weight, swap, swappiness) are left out with a warning
    /// where the host lacks them. An OCI runtime fails with the property's name.
    /// </param>
    /// <exception cref="LinuxException">Names the property: ENODEV, the host has no such controller; EINVAL, a value makes no sense.</exception>
    public static CgroupPlan From(RuntimeResources? resources, CgroupLayout layout, bool lenient = false)
    {
        var plan = new CgroupPlan(layout, lenient, null);
        plan.Devices = DefaultDevices.With(DeviceRules(resources?.Devices));
        if (resources is not null) plan.Add(resources);
        return plan;
    }

    /// <summary>Plans changes of a running group. What is not mentioned stays as it is, the devices too.</summary>
    /// <param name="resources">The changes.</param>
    /// <param name="layout">This host's hierarchies.</param>
    /// <param name="current">What its files say now: some values are bound to each other and have to be written in an order.</param>
    public static CgroupPlan ForUpdate(RuntimeResources resources, CgroupLayout layout, CgroupReader current)
    {
        var plan = new CgroupPlan(layout, lenient: false, current);
        if (resources.Devices is { } devices) plan.Devices = DefaultDevices.With(DeviceRules(devices));
        plan.Add(resources);
        return plan;
    }

    /// <summary>Writes it all into the group, before a process joins a new one. Adds to <see cref="Warnings"/>.</summary>
    public void Apply(Cgroup cgroup)
    {
        cgroup.RestrictDevices(Devices, replace: _current is not null || !cgroup.IsNew);
        cgroup.Apply(Writes, Warnings);
    }

    private void Add(RuntimeResources resources)
    {
        if (resources.Memory is { } memory) AddMemory(memory);
        if (resources.Cpu is { } cpu) AddCpu(cpu);
        if (resources.Pids is { } pids) AddPids(pids);
        if (resources.BlockIo is { } blockIo) AddBlockIo(blockIo);
        if (resources.HugepageLimits is { } hugepages) AddHugepages(hugepages);
        if (resources.Network is { } network) AddNetwork(network);
        if (resources.Rdma is { } rdma) AddRdma(rdma);
        // Last: what is given in the kernel's own words has the last word.
        if (resources.Unified is { } unified) AddUnified(unified);
    }

    /// <summary>1 or 2: where the controller is on this host.</summary>
    private int Require(string controller, string property)
    {
        int version = _layout.VersionOf(controller);
        return version != 0 ? version : throw Absent(controller, property);
    }

    private static LinuxException Absent(string controller, string property) =>
        new($"{Resources}{property}: this host has no {controller} cgroup controller", Errno.ENODEV);

    private void Write(string controller, string file, string value, string property) =>
        Writes.Add(new CgroupWrite(controller, file, value, Resources + property));

    private void Write(string controller, string file, long value, string property) =>
        Write(controller, file, Text(value), property);

    private void Write(string controller, string file, ulong value, string property) =>
        Write(controller, file, Text(value), property);

    /// <summary>What a lenient plan does without, when the kernel has no such file.</summary>
    private CgroupFileMissing MayBeMissing => _lenient ? CgroupFileMissing.Warn : CgroupFileMissing.Fail;

    /// <summary>Asked for, and this host never has it.</summary>
    private void Refuse(string property, string why)
    {
        if (!_lenient) throw new LinuxException($"{Resources}{property}: {why}", Errno.EOPNOTSUPP);
        Warnings.Add($"{Resources}{property} is ignored: {why}.");
    }

    private static LinuxException Invalid(string property, string why) => new($"{Resources}{property}: {why}", Errno.EINVAL);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Version 2 has a word for no limit.</summary>
    private static string Limit(long value) => value < 0 ? "max" : Text(value);

    /// <summary>A limit that a file of either version holds now: null none known, -1 unlimited.</summary>
    private long? Current(string controller, string file) => CgroupFileNumber.Parse(_current?.Invoke(controller, file));
}
