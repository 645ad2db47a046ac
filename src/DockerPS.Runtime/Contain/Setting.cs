using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Contain;

/// <summary>What the steps of a birth are planned from.</summary>
internal sealed class Setting
{
    public required RuntimeConfig Config { get; init; }

    public required RuntimeProcess Process { get; init; }

    public RuntimeLinux Linux => Config.Linux ?? throw Invalid("linux is missing");

    /// <summary>Absolute directory of config.json.</summary>
    public required string Bundle { get; init; }

    public SuperviseConfig? Surroundings { get; init; }

    public CgroupLayout? CgroupLayout { get; init; }

    public Cgroup? Cgroup { get; init; }

    /// <summary>Descriptors that live until the child has its copies.</summary>
    public List<int> Descriptors { get; } = [];

    /// <summary>Devices of the host with their nodes' facts.</summary>
    public List<HostDevice> Devices { get; } = [];

    public bool Has(string @namespace) => Find(@namespace) is { Path: null or "" };

    public RuntimeNamespace? Find(string type) => Config.Linux?.Namespaces?.Find(n => n.Type == type);

    public static RuntimeFailureException Invalid(string text) => new(RuntimeStages.Config, "config.json: " + text);
}

/// <summary>A device node to make: mode with type bits, and number.</summary>
internal readonly record struct HostDevice(string Target, uint Mode, ulong Number, uint Uid, uint Gid);
