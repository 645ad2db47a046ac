namespace DockerPS.Oci.ImageSpec;

/// <summary>Media types of OCI's image-spec and of Docker's older schema, and how they answer to each other.</summary>
public static class MediaTypes
{
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string Layer = "application/vnd.oci.image.layer.v1.tar";
    public const string LayerGzip = Layer + "+gzip";
    public const string LayerZstd = Layer + "+zstd";

    public const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = DockerLayer + ".gzip";
    public const string DockerForeignLayerGzip = DockerForeignLayer + ".gzip";

    /// <summary>OCI's and Docker's layers that only their maker distributes, of any compression.</summary>
    private const string ForeignLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar";

    private const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar";

    /// <summary>Whether a layer is fetched from the addresses of its descriptor and not pushed.</summary>
    public static bool IsForeignLayer(string? mediaType) =>
        mediaType is not null && (mediaType.StartsWith(ForeignLayer, StringComparison.Ordinal) || mediaType.StartsWith(DockerForeignLayer, StringComparison.Ordinal));

    /// <summary>Whether a layer is not compressed.</summary>
    public static bool IsPlainLayer(string? mediaType) => mediaType is Layer or DockerLayer;

    /// <summary>Whether a layer is compressed with zstd, which Docker's schema 2 has no word for.</summary>
    public static bool IsZstdLayer(string? mediaType) => mediaType is not null && mediaType.EndsWith("+zstd", StringComparison.Ordinal);

    public static bool IsIndex(string? mediaType) => mediaType is Index or DockerIndex;

    public static bool IsManifest(string? mediaType) => mediaType is Manifest or DockerManifest;

    public static bool IsConfig(string? mediaType) => mediaType is Config or DockerConfig;

    /// <summary>OCI's type of a layer by how its archive is compressed.</summary>
    public static string LayerOf(Compression compression) => compression switch
    {
        Compression.Gzip => LayerGzip,
        Compression.Zstd => LayerZstd,
        _ => Layer,
    };
}
