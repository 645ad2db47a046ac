namespace DockerPS.Module.Hosting;

/// <summary>What the name of an archive asks for.</summary>
internal static class ArchiveNames
{
    /// <summary>By the ending, as tar's -a.</summary>
    public static ContainerArchiveCompression CompressionOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".gz" or ".tgz" => ContainerArchiveCompression.Gzip,
        ".zst" or ".zstd" or ".tzst" => ContainerArchiveCompression.Zstd,
        _ => ContainerArchiveCompression.None,
    };
}
