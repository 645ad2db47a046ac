using System.Globalization;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

/// <summary>
/// What <c>linux.resources</c> asks of a container's cgroup, as data: what to write where, in order, for the versions of the
/// controllers that the host has. Making it touches nothing; <see cref="Apply"/> carries it out.
/// </summary>
/// <remarks>https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#control-groups</remarks>
internal sealed partial class CgroupPlan
{
    private const string Resources = "linux.resources.";
    private readonly CgroupLayout _layout;

    private CgroupPlan(CgroupLayout layout) => _layout = layout;

    /// <summary>All but the devices.</summary>
    public List<CgroupWrite> Writes { get; } = [];

    /// <summary>The container's whole list of device rules, the default devices among them.</summary>
    public List<DeviceRule> Devices { get; private set; } = [];

    /// <summary>What was asked for and cannot be had here, yet is no reason not to start.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Plans the resources; null asks for nothing but the default devices.</summary>
    /// <exception cref="LinuxException">Names the property: ENODEV, the host has no such controller; EINVAL, a value makes no sense.</exception>
    public static CgroupPlan From(RuntimeResources? resources, CgroupLayout layout)
    {
        var plan = new CgroupPlan(layout);
        plan.Devices = DefaultDevices.With(DeviceRules(resources?.Devices));
        if (resources is null) return plan;
        if (resources.Memory is { } memory) plan.AddMemory(memory);
        if (resources.Cpu is { } cpu) plan.AddCpu(cpu);
        if (resources.Pids is { } pids) plan.AddPids(pids);
        if (resources.BlockIo is { } blockIo) plan.AddBlockIo(blockIo);
        if (resources.HugepageLimits is { } hugepages) plan.AddHugepages(hugepages);
        // Last: what is given in the kernel's own words has the last word.
        if (resources.Unified is { } unified) plan.AddUnified(unified);
        return plan;
    }

    /// <summary>Writes it all into the group, before a process joins. Adds to <see cref="Warnings"/>.</summary>
    public void Apply(Cgroup cgroup)
    {
        cgroup.RestrictDevices(Devices);
        cgroup.Apply(Writes, Warnings);
    }

    /// <summary>1 or 2: where the controller is on this host.</summary>
    private int Require(string controller, string property)
    {
        int version = _layout.VersionOf(controller);
        if (version != 0) return version;
        throw new LinuxException($"{Resources}{property}: this host has no {controller} cgroup controller", Errno.ENODEV);
    }

    private void Write(string controller, string file, string value, string property) =>
        Writes.Add(new CgroupWrite(controller, file, value, Resources + property));

    private void Write(string controller, string file, long value, string property) =>
        Write(controller, file, Text(value), property);

    private void Write(string controller, string file, ulong value, string property) =>
        Write(controller, file, Text(value), property);

    private void Ignore(string property, string why) => Warnings.Add($"{Resources}{property} is ignored: {why}.");

    private static LinuxException Invalid(string property, string why) => new($"{Resources}{property}: {why}", Errno.EINVAL);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Version 2 has a word for no limit.</summary>
    private static string Limit(long value) => value < 0 ? "max" : Text(value);
}
