namespace DockerPS.Oci.ImageSpec;

/// <summary>How an archive is compressed.</summary>
public enum Compression
{
    None,
    Gzip,
    Zstd,
}

/// <summary>Tells compression by the first bytes, never by a name.</summary>
public static class CompressionMagic
{
    /// <summary>So many bytes suffice.</summary>
    public const int Length = 4;

    public static Compression Of(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? Compression.Gzip
        : start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? Compression.Zstd
        : start.Length >= 4 && (start[0] & 0xf0) == 0x50 && start[1] == 0x2a && start[2] == 0x4d && start[3] == 0x18 ? Compression.Zstd // a skippable frame
        : Compression.None;
}
