namespace DockerPS.Linux.Cgroups;

/// <summary>What to do when the kernel has no such file.</summary>
public enum CgroupFileMissing
{
    /// <summary>It is an error: the limit was asked for and cannot be given.</summary>
    Fail,

    /// <summary>Go on without, and say so.</summary>
    Warn,

    /// <summary>Go on without: another write has the same meaning.</summary>
    Skip,
}

/// <summary>One value to be written into one file of a cgroup.</summary>
/// <param name="Controller">Whose directory the file is in: <c>memory</c>; <c>cgroup</c> for version 2's core files.</param>
/// <param name="File"><c>memory.max</c>.</param>
/// <param name="Value">Written at once, without a line end.</param>
/// <param name="Property">What asked for it, for messages: <c>linux.resources.memory.limit</c>.</param>
public sealed record CgroupWrite(string Controller, string File, string Value, string? Property = null)
{
    public CgroupFileMissing Missing { get; init; }

    /// <summary>Written instead when the kernel has no such file.</summary>
    public CgroupWrite? Else { get; init; }
}
