using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Contain;

/// <summary>What the steps of a birth are planned from.</summary>
internal sealed class Setting
{
    private IdMaps? _maps;

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

    /// <summary>The maps of the container's own user namespace; null when it has none, or joins one.</summary>
    public IdMaps? Maps => Has("user") ? _maps ??= IdMaps.From(Linux) : null;

    /// <summary>The process is not in the runtime's user namespace.</summary>
    public bool InUserNamespace => Find("user") is not null;

    /// <summary>The runtime may mount on the host: it then opens what the container gets from there.</summary>
    public bool Privileged { get; } = Capabilities.Has("CAP_SYS_ADMIN");

    public bool Has(string @namespace) => Find(@namespace) is { Path: null or "" };

    public RuntimeNamespace? Find(string type) => Config.Linux?.Namespaces?.Find(n => n.Type == type);

    public static RuntimeFailureException Invalid(string text) => new(RuntimeStages.Config, "config.json: " + text);
}

/// <summary>A device node to make: mode with type bits, and number.</summary>
internal readonly record struct HostDevice(string Target, uint Mode, ulong Number, uint Uid, uint Gid);
