namespace DockerPS.Oci.Bundle;

/// <summary>
/// Standard input of <c>dockerps-runtime copy-tree</c>, as JSON to the end of the stream: copy a directory with all that files have (owners,
/// modes, times, attributes, holes, hard links), sharing blocks where the file system can. Answers with Progress, then Result
/// (<see cref="CopyTreeResult"/>) or Failed; on failure the target is removed.
/// </summary>
public sealed class CopyTreeRequest
{
    public required string Source { get; set; }

    /// <summary>Directory to make; must not exist.</summary>
    public required string Target { get; set; }
}

public sealed class CopyTreeResult
{
    /// <summary>Bytes of the regular files.</summary>
    public long Size { get; set; }

    public long Files { get; set; }

    /// <summary>All content shares blocks with the source.</summary>
    public bool Shared { get; set; }
}

/// <summary>Standard input of <c>dockerps-runtime measure-tree</c>, as JSON to the end of the stream.</summary>
public sealed class MeasureTreeRequest
{
    public required string Path { get; set; }
}

/// <summary>Result of <c>dockerps-runtime measure-tree</c>.</summary>
public sealed class TreeSize
{
    /// <summary>Bytes that it takes on the disk; a file with several names counts once.</summary>
    public long Size { get; set; }

    /// <summary>Files and directories, the top not counted.</summary>
    public long Files { get; set; }
}

/// <summary>
/// Standard input of <c>dockerps-runtime copy-item</c>, as JSON to the end of the stream: copy files between the host and containers. Paths of
/// a container are looked up below its root, whatever it links or renames meanwhile. Answers with Progress, then Result
/// (<see cref="CopyItemResult"/>) or Failed.
/// </summary>
public sealed class CopyItemRequest
{
    /// <summary>Where the source is; null is the host.</summary>
    public CopyEnd? From { get; set; }

    /// <summary>Where the target is; null is the host.</summary>
    public CopyEnd? To { get; set; }

    /// <summary>As it was given, with slash or <c>/.</c> at its end.</summary>
    public required string Source { get; set; }

    /// <summary>The source's last parts may hold <c>*</c>, <c>?</c> and <c>[…]</c>.</summary>
    public bool Wildcards { get; set; }

    public required string Target { get; set; }

    /// <summary>Take what a link at the source leads to.</summary>
    public bool FollowLink { get; set; }

    /// <summary>Several are copied: the target must be a directory.</summary>
    public bool Several { get; set; }

    /// <summary>Keep owners; else they are root's in a container, and the caller's on the host.</summary>
    public bool Archive { get; set; }
}

/// <summary>A container as one end of a copy.</summary>
public sealed class CopyEnd
{
    /// <summary>Its name, for messages.</summary>
    public required string Name { get; set; }

    /// <summary>Its first process when it runs, else 0: then its layers are mounted for the time of the copy, and its mounts with them.</summary>
    public int Pid { get; set; }
    public ulong StartTime { get; set; }

    /// <summary>Directory over which the layers are mounted, unseen by others.</summary>
    public string Root { get; set; } = "";

    /// <summary>Topmost first.</summary>
    public List<string> Layers { get; set; } = [];
    public string UpperDirectory { get; set; } = "";
    public string WorkDirectory { get; set; } = "";

    public List<CopyMount> Mounts { get; set; } = [];
}

/// <summary>A mount of a container that does not run.</summary>
public sealed class CopyMount
{
    public required string Target { get; set; }

    /// <summary>On the host.</summary>
    public required string Path { get; set; }
    public bool ReadOnly { get; set; }
    public bool NonRecursive { get; set; }

    /// <summary>A tmpfs, which is there only while the container runs.</summary>
    public bool InMemory { get; set; }

    public SuperviseSource? Source { get; set; }
}

public sealed class CopyItemResult
{
    public List<CopiedItem> Items { get; set; } = [];
}

/// <summary>One source that was copied.</summary>
public sealed class CopiedItem
{
    public required string Source { get; set; }
    public required string Target { get; set; }
    public long Files { get; set; }
    public long Size { get; set; }
}
