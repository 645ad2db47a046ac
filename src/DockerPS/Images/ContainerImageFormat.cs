namespace DockerPS;

/// <summary>What an exported archive is.</summary>
public enum ContainerImageFormat
{
    /// <summary>As <c>docker save</c> writes it today: manifest.json over an OCI image layout, so that old and new tools read it.</summary>
    Docker,

    /// <summary>An OCI image layout.</summary>
    Oci,
}

/// <summary>How an archive is compressed as a whole.</summary>
public enum ContainerArchiveCompression
{
    None,
    Gzip,
    Zstd,
}
