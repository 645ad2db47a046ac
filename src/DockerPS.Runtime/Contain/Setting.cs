using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Contain;

/// <summary>What the steps of a birth are planned from.</summary>
internal sealed class Setting
{
    private readonly List<(IdMaps Maps, int Namespace)> _opened = [];
    private IdMaps? _maps;
    private bool? _inUserNamespace;

    public required RuntimeConfig Config { get; init; }

    public required RuntimeProcess Process { get; init; }

    public RuntimeLinux Linux => Config.Linux ?? throw Invalid("linux is missing");

    /// <summary>Absolute directory of config.json.</summary>
    public required string Bundle { get; init; }

    public SuperviseConfig? Surroundings { get; init; }

    public CgroupLayout? CgroupLayout { get; init; }

    public Cgroup? Cgroup { get; set; }

    /// <summary>Run by the parent when there is a process in the new network namespace, while the child goes on; null does nothing.</summary>
    public Action<Born>? ConnectNetworks { get; set; }

    /// <summary>Run by the parent while the child waits before the pivot; null does not wait.</summary>
    public Action<Born>? BeforePivot { get; set; }

    /// <summary>Listening socket on which the child waits for its start; -1 does not wait.</summary>
    public int StartListener { get; set; } = -1;

    /// <summary>How many descriptors from 3 on the program inherits.</summary>
    public int KeptDescriptors { get; init; }

    /// <summary>Stay in the session keyring of the caller.</summary>
    public bool KeepKeyring { get; init; }

    /// <summary>Move the root onto "/" instead of pivot_root(2), for hosts whose root is an initramfs.</summary>
    public bool NoPivot { get; init; }

    /// <summary>The file to execute where it is not what args[0] says.</summary>
    public string? Program { get; init; }

    /// <summary>Directory of compiled seccomp filters; null compiles each time.</summary>
    public string? SeccompCache { get; init; }

    /// <summary>The container's state as JSON, of a process's pid: for a seccomp listener.</summary>
    public Func<int, ReadOnlyMemory<byte>>? ListenerState { get; init; }

    /// <summary>Descriptors that live until the child has its copies.</summary>
    public List<int> Descriptors { get; } = [];

    /// <summary>Detached clones of the sources of bind mounts, by their index in mounts; closed with <see cref="Descriptors"/>.</summary>
    public Dictionary<int, int> MountTrees { get; } = [];

    /// <summary>Devices of the host with their nodes' facts.</summary>
    public List<HostDevice> Devices { get; } = [];

    /// <summary>The maps of the container's own user namespace; null when it has none, or joins one.</summary>
    public IdMaps? Maps => Has("user") ? _maps ??= IdMaps.From(Linux) : null;

    /// <summary>The process is not in the runtime's user namespace.</summary>
    public bool InUserNamespace => _inUserNamespace ??= Find("user") is { } user
        && (string.IsNullOrEmpty(user.Path) || !LibC.SameNamespace(user.Path, "/proc/self/ns/user"));

    /// <summary>The runtime may mount on the host: it then opens what the container gets from there.</summary>
    public bool Privileged { get; } = Capabilities.Has("CAP_SYS_ADMIN");

    /// <summary>A user namespace with maps, for idmapped mounts; one for all that have the same.</summary>
    public int OpenMaps(IdMaps maps)
    {
        foreach ((IdMaps known, int opened) in _opened)
        {
            if (known.SameAs(maps)) return opened;
        }

        int descriptor = IdMapNamespace.Open(maps);
        Descriptors.Add(descriptor);
        _opened.Add((maps, descriptor));
        return descriptor;
    }

    /// <summary>The container does not share the machine's mounts.</summary>
    public bool HasMountNamespace => Find("mount") is not null;

    /// <summary>It shares those of a namespace that is there; paths are looked up in that one.</summary>
    public bool JoinsMountNamespace => Find("mount") is { Path.Length: > 0 };

    public bool Has(string @namespace) => Find(@namespace) is { Path: null or "" };

    public RuntimeNamespace? Find(string type) => Config.Linux?.Namespaces?.Find(n => n.Type == type);

    /// <param name="text">What is wrong, after the property's path.</param>
    public static RuntimeFailureException Invalid(string text) =>
        new(RuntimeStages.Config, (text.StartsWith('$') ? "config.json: " : "config.json: $.") + text);
}

/// <summary>A device node to make: mode with type bits, and number.</summary>
internal readonly record struct HostDevice(string Target, uint Mode, ulong Number, uint Uid, uint Gid);
