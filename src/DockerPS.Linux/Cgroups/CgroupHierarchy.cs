namespace DockerPS.Linux.Cgroups;

/// <summary>Which generation of cgroups a host uses.</summary>
public enum CgroupKind
{
    /// <summary>No cgroup file system is mounted.</summary>
    None,

    /// <summary>Controllers in hierarchies of version 1 only.</summary>
    V1,

    /// <summary>Controllers in hierarchies of version 1, and a version 2 hierarchy beside them.</summary>
    Hybrid,

    /// <summary>One hierarchy of version 2.</summary>
    V2,
}

/// <summary>A mounted cgroup file system.</summary>
public sealed class CgroupHierarchy(string mountPoint, int version, string[] controllers, string? name = null)
{
    public string MountPoint { get; } = mountPoint;

    /// <summary>1 or 2.</summary>
    public int Version { get; } = version;

    /// <summary>The controllers bound to it; none in a named hierarchy. For version 2 those its root offers.</summary>
    public string[] Controllers { get; } = controllers;

    /// <summary>Name of a version 1 hierarchy without controllers: <c>systemd</c>.</summary>
    public string? Name { get; } = name;

    public bool Has(string controller) => Array.IndexOf(Controllers, controller) >= 0;
}
