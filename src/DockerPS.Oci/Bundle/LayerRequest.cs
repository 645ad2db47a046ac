namespace DockerPS.Oci.Bundle;

/// <summary>
/// Standard input of <c>dockerps-runtime extract-layer</c>, as JSON to the end of the stream: unpack one layer.
/// Answers on the message channel with Progress, then Result (<see cref="LayerResult"/>) or Failed; on failure the target is removed.
/// With <c>--follow</c> the blob is still being written: a 32-bit little-endian length stands before the JSON, and after it a 64-bit
/// little-endian number, how many bytes of the blob are in its file; all others follow as they come. The end of the stream before
/// <see cref="Length"/> was reached means that the rest will not come.
/// </summary>
public sealed class LayerRequest
{
    /// <summary>File with the layer as it is stored: a tar, plain or compressed with gzip or zstd (told by its first bytes).</summary>
    public required string Blob { get; set; }

    /// <summary>The file's name from the moment on when it is whole, for one that is still being written; null when it keeps its own.</summary>
    public string? WholeBlob { get; set; }

    /// <summary>Where the layer begins in that file.</summary>
    public long Offset { get; set; }

    /// <summary>How long it is in that file; null to its end. Needed of one that is still being written.</summary>
    public long? Length { get; set; }

    /// <summary>Directory to make and fill; must not exist.</summary>
    public required string Target { get; set; }

    /// <summary><c>sha256:…</c> of the uncompressed archive, or null to compute only.</summary>
    public string? DiffId { get; set; }

    /// <summary>The blob is not compressed and is hashed by whoever asks: take <see cref="DiffId"/> as true without hashing again.</summary>
    public bool Verified { get; set; }

    /// <summary>Greatest number of uncompressed bytes; a longer stream is a bomb.</summary>
    public long MaxBytes { get; set; } = 64L << 30;

    /// <summary>Greatest number of entries.</summary>
    public long MaxEntries { get; set; } = 10_000_000;

    /// <summary>Unpack whiteouts as overlay's (character device 0/0 and trusted.overlay.opaque); else apply them to what is in the target,
    /// which then may exist.</summary>
    public bool OverlayWhiteouts { get; set; } = true;

    /// <summary>No layer but files as they are: names that begin with <c>.wh.</c> are names.</summary>
    public bool Plain { get; set; }
}

public sealed class LayerResult
{
    /// <summary>Digest of the uncompressed archive.</summary>
    public required string DiffId { get; set; }

    /// <summary>Bytes of the regular files in it.</summary>
    public long Size { get; set; }

    public long Entries { get; set; }
}

/// <summary>
/// Standard input of <c>dockerps-runtime archive</c>, as JSON to the end of the stream: write a deterministic tar (PAX, sorted by name
/// as bytes, owners, modes, xattrs, hard links, devices). Answers with Progress, then Result (<see cref="ArchiveResult"/>) or Failed.
/// </summary>
public sealed class ArchiveRequest
{
    /// <summary>File to make; must not exist; removed on failure.</summary>
    public required string Output { get; set; }

    public List<ArchiveEntry> Entries { get; set; } = [];
}

/// <summary>One thing to put in: from the host (<see cref="Source"/>) or made up (<see cref="Content"/>, <see cref="LinkTarget"/> or a directory).</summary>
public sealed class ArchiveEntry
{
    /// <summary>Name in the archive, without leading slash; empty for the root when <see cref="Recursive"/>.</summary>
    public required string Name { get; set; }

    /// <summary>Path on the host, not followed when it is a symbolic link; null for made-up entries.</summary>
    public string? Source { get; set; }

    /// <summary>With what is below <see cref="Source"/>: owner and time that are given hold for all of it, the mode for the top.</summary>
    public bool Recursive { get; set; }

    /// <summary>Take the symbolic link's target instead of the link.</summary>
    public bool Follow { get; set; }

    /// <summary>Content of a made-up file.</summary>
    public byte[]? Content { get; set; }

    /// <summary>Target of a made-up symbolic link.</summary>
    public string? LinkTarget { get; set; }

    /// <summary>Mode bits; null takes the source's, else 755 octal for directories and 644 for files.</summary>
    public int? Mode { get; set; }

    /// <summary>Null takes the source's, else 0.</summary>
    public long? Uid { get; set; }
    public long? Gid { get; set; }

    /// <summary>Seconds since 1970; null takes the source's, else 0.</summary>
    public long? ModifiedAt { get; set; }
}

public sealed class ArchiveResult
{
    /// <summary>Digest of the archive, which is its diff id.</summary>
    public required string Digest { get; set; }

    /// <summary>Length of the archive.</summary>
    public long Length { get; set; }

    /// <summary>Bytes of the regular files in it.</summary>
    public long Size { get; set; }

    /// <summary>Newest modification in seconds since 1970.</summary>
    public long NewestModification { get; set; }
}
