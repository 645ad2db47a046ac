namespace DockerPS;

/// <summary>
/// What a container is asked to be. Built by <c>New-Container</c> from its parameters; the engine fills what is unset from
/// the image's config and stores the result with the container.
/// </summary>
public sealed record ContainerSpec
{
    /// <summary>Reference or id of the image.</summary>
    public required string Image { get; init; }

    /// <summary>Null asks the engine for an adjective and a noun.</summary>
    public string? Name { get; init; }

    /// <summary>Null takes the image's; empty clears it.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init => field = Indexable.List(value); }

    /// <summary>Null or empty takes the image's command, unless <see cref="Entrypoint"/> was set.</summary>
    public IReadOnlyList<string>? Command { get; init => field = Indexable.List(value); }

    /// <summary><c>NAME=value</c>; the last of a name wins; over the image's.</summary>
    public IReadOnlyList<string> Environment { get; init => field = Indexable.List(value); } = [];

    public string? WorkingDirectory { get; init; }

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c> …; looked up in the container's files at start.</summary>
    public string? User { get; init; }

    /// <summary>Additional groups, names or numbers.</summary>
    public IReadOnlyList<string> GroupAdd { get; init => field = Indexable.List(value); } = [];

    public string? Hostname { get; init; }

    public string? DomainName { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public bool Tty { get; init; }

    /// <summary>Keep standard input open.</summary>
    public bool Interactive { get; init; }

    public bool ReadOnly { get; init; }

    /// <summary>Mounts in the order given; with the image's volumes and those of other containers once the container is made.</summary>
    public IReadOnlyList<ContainerMount> Mounts { get; init => field = Indexable.List(value); } = [];

    /// <summary>Containers (<c>NAME</c> or <c>NAME:ro</c>) whose binds and volumes it gets as well.</summary>
    public IReadOnlyList<string>? VolumesFrom { get; init => field = Indexable.List(value); }

    public IReadOnlyList<ContainerDevice> Devices { get; init => field = Indexable.List(value); } = [];

    public IReadOnlyList<ContainerUlimit> Ulimits { get; init => field = Indexable.List(value); } = [];

    public IReadOnlyDictionary<string, string> Sysctls { get; init; } = new Dictionary<string, string>();

    /// <summary>Size of /dev/shm; null is 64 MiB.</summary>
    public ByteSize? ShmSize { get; init; }

    /// <summary>Capabilities to add, with or without <c>CAP_</c>; <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapAdd { get; init => field = Indexable.List(value); } = [];

    public IReadOnlyList<string> CapDrop { get; init => field = Indexable.List(value); } = [];

    public bool Privileged { get; init; }

    /// <summary><c>no-new-privileges</c>, <c>label=…</c>, <c>seccomp=unconfined</c> …</summary>
    public IReadOnlyList<string> SecurityOptions { get; init => field = Indexable.List(value); } = [];

    public ByteSize? Memory { get; init; }

    /// <summary>Memory plus swap; -1 bytes is unlimited swap; null is twice <see cref="Memory"/>.</summary>
    public ByteSize? MemorySwap { get; init; }

    public ByteSize? MemoryReservation { get; init; }

    public decimal? Cpus { get; init; }

    /// <summary>Relative weight, 2 to 262144; default 1024.</summary>
    public long? CpuShares { get; init; }

    /// <summary>CPUs it may use (<c>0-2,4</c>).</summary>
    public string? CpusetCpus { get; init; }

    public string? CpusetMems { get; init; }

    /// <summary>Greatest number of processes; null is unlimited.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>-1000 to 1000.</summary>
    public int? OomScoreAdjust { get; init; }

    public bool OomKillDisable { get; init; }

    /// <summary>Relative weight of block input and output, 10 to 1000.</summary>
    public int? BlkioWeight { get; init; }

    /// <summary>Name or number; null takes the image's, else SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Grace period of Stop-Container; null is 10 seconds.</summary>
    public TimeSpan? StopTimeout { get; init; }

    /// <summary>Run a reaper as PID 1 that forwards signals.</summary>
    public bool Init { get; init; }

    public bool AutoRemove { get; init; }

    /// <summary><c>none</c>, <c>host</c>, <c>container:NAME</c>, or names of networks with commas between them.</summary>
    public string Network { get; init; } = "none";

    /// <summary>Further names of the container in its networks.</summary>
    public IReadOnlyList<string> NetworkAliases { get; init => field = Indexable.List(value); } = [];

    /// <summary>Its addresses in the first network, one for each version at most; none takes free ones.</summary>
    public IReadOnlyList<string> IPAddresses { get; init => field = Indexable.List(value); } = [];

    /// <summary>Ports of the container that this machine publishes.</summary>
    public IReadOnlyList<ContainerPort> Ports { get; init => field = Indexable.List(value); } = [];

    /// <summary>Publish every port that the image or the container exposes, each on a free port.</summary>
    public bool PublishAllPorts { get; init; }

    /// <summary>Ports that the container exposes beside those of its image (<c>80/tcp</c>).</summary>
    public IReadOnlyList<string> ExposedPorts { get; init => field = Indexable.List(value); } = [];

    /// <summary>Name servers; empty takes the host's.</summary>
    public IReadOnlyList<string> Dns { get; init => field = Indexable.List(value); } = [];

    /// <summary>Domains in which names are looked up; empty takes the host's, <c>.</c> is none.</summary>
    public IReadOnlyList<string> DnsSearch { get; init => field = Indexable.List(value); } = [];

    /// <summary>Options of resolv.conf(5); empty takes the host's.</summary>
    public IReadOnlyList<string> DnsOptions { get; init => field = Indexable.List(value); } = [];

    /// <summary>Lines for /etc/hosts: <c>name:address</c> or <c>name:host-gateway</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init => field = Indexable.List(value); } = [];

    /// <summary>Hardware address of its first interface (<c>02:42:0a:01:00:07</c>); null makes one.</summary>
    public string? MacAddress { get; init; }

    /// <summary>null (own), <c>host</c> or <c>container:NAME</c>.</summary>
    public string? PidMode { get; init; }

    /// <inheritdoc cref="PidMode"/>
    public string? IpcMode { get; init; }

    /// <summary>null (own), <c>host</c> or <c>container:NAME</c>.</summary>
    public string? UtsMode { get; init; }

    /// <summary>null (<c>private</c>) or <c>host</c>.</summary>
    public string? CgroupMode { get; init; }

    /// <summary>null is the host's. The engine fills in the mappings when the container is made.</summary>
    public ContainerUserNamespace? UserNamespace { get; init; }

    /// <summary>Cgroup below which the container's is made (<c>/limits/web</c>); null is <c>/dockerps</c>.</summary>
    public string? CgroupParent { get; init; }

    /// <summary>Name or absolute path of another OCI runtime (<c>crun</c>, <c>runc</c> …) that makes the container; null is our own.</summary>
    public string? Runtime { get; init; }

    /// <summary>Rules of the device cgroup beside those of <see cref="Devices"/>: <c>c 10:229 rwm</c>, <c>b *:* r</c>.</summary>
    public IReadOnlyList<string> DeviceCgroupRules { get; init => field = Indexable.List(value); } = [];

    /// <summary>Annotations that go into the runtime config.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
