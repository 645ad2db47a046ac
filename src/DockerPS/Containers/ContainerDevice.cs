namespace DockerPS;

/// <summary>A device of the host in a container. Converts from <c>/dev/fuse[:/dev/inside[:rwm]]</c>.</summary>
public sealed record ContainerDevice
{
    public string Source { get; init; } = "";

    public string Target { get; init; } = "";

    /// <summary>Of <c>r</c>, <c>w</c> and <c>m</c>(knod).</summary>
    public string Permissions { get; init; } = "rwm";
}

/// <summary>A resource limit. Converts from <c>nofile=1024[:4096]</c>.</summary>
public sealed record ContainerUlimit
{
    /// <summary><c>nofile</c>, <c>nproc</c>, <c>core</c> … as in setrlimit(2), lower case, without RLIMIT_.</summary>
    public string Name { get; init; } = "";

    /// <summary>-1 is unlimited.</summary>
    public long Soft { get; init; }

    /// <summary>-1 is unlimited.</summary>
    public long Hard { get; init; }
}
