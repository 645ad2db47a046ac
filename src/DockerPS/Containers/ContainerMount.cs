using System.Globalization;

namespace DockerPS;

/// <summary>Kinds of mount that a container can have.</summary>
public enum ContainerMountType
{
    /// <summary>A file or directory of the host.</summary>
    Bind,

    /// <summary>An empty file system in memory.</summary>
    Tmpfs,

    /// <summary>A volume: named, or with an empty source one of the container's own.</summary>
    Volume,

    /// <summary>The tree of an image: read-only, or with writes that the container keeps for itself.</summary>
    Image,
}

/// <summary>
/// A mount of a container. Converts from Docker's short form (<c>/host:/in:ro</c>), from its long form
/// (<c>type=tmpfs,target=/cache,tmpfs-size=64m</c>) and from a hashtable of its properties.
/// </summary>
public sealed partial record ContainerMount
{
    public ContainerMountType Type { get; init; } = ContainerMountType.Bind;

    /// <summary>Path on the host, name of a volume or reference of an image; empty for tmpfs.</summary>
    public string Source { get; init; } = "";

    /// <summary>Absolute path in the container.</summary>
    public string Target { get; init; } = "";

    /// <summary>Not to be written to from inside, nor is what is mounted below the source.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Read-only without what is mounted below the source: those stay as they are (<c>bind-recursive=writable</c>).</summary>
    public bool ReadOnlyNonRecursive { get; init; }

    /// <summary><c>private</c>, <c>rprivate</c>, <c>slave</c>, <c>rslave</c>, <c>shared</c> or <c>rshared</c>; null is rprivate.</summary>
    public string? Propagation { get; init; }

    /// <summary>Bind without what is mounted below the source.</summary>
    public bool NonRecursive { get; init; }

    /// <summary>Make the source directory when it is missing (the short form does, the long form does not).</summary>
    public bool CreateSource { get; init; }

    /// <summary>Show the owners of a bind through the container's user namespace: what belongs to root on the host does so inside.</summary>
    public bool IdMapped { get; init; }

    /// <summary>Directory or file in the volume or image that is mounted in its place; null is all of it.</summary>
    public string? Subpath { get; init; }

    /// <summary>Labels of the volume, should it have to be made.</summary>
    public IReadOnlyDictionary<string, string>? VolumeLabels { get; init; }

    /// <summary>Options of the volume, should it have to be made: <c>type</c>, <c>device</c> and <c>o</c>.</summary>
    public IReadOnlyDictionary<string, string>? VolumeOptions { get; init; }

    /// <summary>Size of a tmpfs; null is half of memory.</summary>
    public ByteSize? TmpfsSize { get; init; }

    /// <summary>Mode bits of a tmpfs; null is 1777 octal.</summary>
    public int? TmpfsMode { get; init; }

    /// <summary>Further mount options (<c>noexec</c>, <c>uid=1000</c>).</summary>
    public IReadOnlyList<string> Options { get; init => field = Indexable.List(value); } = [];

    /// <summary>Docker's short form where it has one (<c>/host:/in:ro</c>, <c>/in:size=64m</c> for tmpfs).</summary>
    public override string ToString()
    {
        List<string> options = [.. Options];
        if (ReadOnly) options.Add(ReadOnlyNonRecursive ? "ro-non-recursive" : "ro");
        if (NonRecursive) options.Add("bind");
        if (IdMapped) options.Add("idmap");
        if (Subpath is not null) options.Add("subpath=" + Subpath);
        if (Propagation is not null) options.Add(Propagation);
        if (TmpfsSize is { } size) options.Add(string.Create(CultureInfo.InvariantCulture, $"size={size.Bytes}"));
        if (TmpfsMode is { } mode) options.Add("mode=" + Convert.ToString(mode, 8));
        if (Type == ContainerMountType.Image && !ReadOnly) options.Add("rw");
        string source = Source.Length > 0 ? Source + ":" : "";
        return source + Target + (options.Count > 0 ? ":" + string.Join(',', options) : "");
    }
}
