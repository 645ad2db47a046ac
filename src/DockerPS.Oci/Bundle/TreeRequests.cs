namespace DockerPS.Oci.Bundle;

/// <summary>
/// Standard input of <c>dockerps-runtime diff-layer</c>: what the topmost of several layers changes in those below. Answers with Items
/// (<see cref="TreeChange"/>) when <see cref="List"/>, then Result (<see cref="ArchiveResult"/>) or Failed. The topmost may be changed meanwhile.
/// </summary>
public sealed class DiffRequest
{
    /// <summary>Directories as overlay's lowerdir takes them, topmost first; the first is what is looked at.</summary>
    public List<string> Layers { get; set; } = [];

    /// <summary>Deterministic tar of the changes to make, with whiteouts as image-spec has them; null makes none.</summary>
    public string? Output { get; set; }

    /// <summary>Tell of each change.</summary>
    public bool List { get; set; }

    /// <summary>Paths that mounts covered: what is empty there was made for the mount and is no change.</summary>
    public List<string> MountPoints { get; set; } = [];
}

/// <summary>Standard input of <c>dockerps-runtime archive-tree</c>: a tar of what several layers show together.</summary>
public sealed class ArchiveTreeRequest
{
    /// <summary>As <see cref="DiffRequest.Layers"/>.</summary>
    public List<string> Layers { get; set; } = [];

    /// <summary>
    /// The one layer is a directory that is kept as it stands, itself as <c>./</c>: nothing in it is a whiteout, what is mounted below belongs to
    /// it, and it keeps all attributes.
    /// </summary>
    public bool AsItStands { get; set; }

    /// <summary>File to make; must not exist; removed on failure.</summary>
    public required string Output { get; set; }
}

/// <summary>
/// Standard input of <c>dockerps-runtime compare-trees</c>. Answers with Items (<see cref="TreeChange"/>), then Result
/// (<see cref="CompareTreesResult"/>) or Failed.
/// </summary>
public sealed class CompareTreesRequest
{
    /// <summary>Layers of the tree that is referred to, topmost first.</summary>
    public List<string> Before { get; set; } = [];

    public List<string> After { get; set; } = [];

    /// <summary>Tell of each file that differs.</summary>
    public bool List { get; set; }

    /// <summary>Files, or directories of files, of which copies are made, those of a directory in one.</summary>
    public List<string> Copies { get; set; } = [];

    /// <summary>Existing directory for the copies: <c>before-N</c> and <c>after-N</c>.</summary>
    public string? CopyTo { get; set; }
}

public sealed class CompareTreesResult
{
    public long Changes { get; set; }
}

/// <summary>What differs at a path.</summary>
public sealed class TreeChange
{
    /// <summary>Absolute in the tree.</summary>
    public required string Path { get; set; }

    public TreeFile? Before { get; set; }
    public TreeFile? After { get; set; }

    /// <summary>Not only owner, mode or attributes differ.</summary>
    public bool Content { get; set; }
}

/// <summary>What is known of a file.</summary>
public sealed class TreeFile
{
    /// <summary>Type and mode, as st_mode.</summary>
    public uint Mode { get; set; }
    public uint Uid { get; set; }
    public uint Gid { get; set; }
    public long Size { get; set; }

    /// <summary>Ticks of .NET since 1970.</summary>
    public long Modified { get; set; }

    public string? LinkTarget { get; set; }
}

/// <summary>Standard input of <c>dockerps-runtime measure-trees</c>. Answers with Result (<see cref="MeasureResult"/>).</summary>
public sealed class MeasureRequest
{
    public List<string> Paths { get; set; } = [];
}

public sealed class MeasureResult
{
    /// <summary>Bytes of regular files below each path, hard links once; 0 for what is not there.</summary>
    public List<long> Bytes { get; set; } = [];
}

/// <summary>
/// Standard input of <c>dockerps-runtime mount-tree</c>: mounts layers read-only where the process stands. Answers with Result
/// (<see cref="MountResult"/>) or Failed.
/// </summary>
public sealed class MountTreeRequest
{
    /// <summary>Topmost first.</summary>
    public List<string> Layers { get; set; } = [];

    /// <summary>An empty directory below all, since overlay wants two.</summary>
    public required string Base { get; set; }

    /// <summary>Existing directory.</summary>
    public required string Target { get; set; }

    /// <summary>What the mount's source says, so that it is known again.</summary>
    public required string Source { get; set; }
}

public sealed class MountResult
{
    /// <summary>The target without symbolic links.</summary>
    public required string Target { get; set; }
}

/// <summary>Standard input of <c>dockerps-runtime unmount-tree</c>. Answers with Result (<see cref="MountResult"/>) or Failed.</summary>
public sealed class UnmountTreeRequest
{
    public required string Target { get; set; }

    /// <summary>Also while it is in use: it goes from sight at once, and altogether with its last user.</summary>
    public bool Detach { get; set; }
}
