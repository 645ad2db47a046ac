namespace DockerPS.Oci.ImageSpec;

/// <summary>Points to content by digest (OCI image-spec, descriptor.md).</summary>
public sealed class Descriptor
{
    public string? MediaType { get; set; }
    public required string Digest { get; set; }
    public long Size { get; set; }

    /// <summary>Where content that registries do not distribute is to be had.</summary>
    public List<string>? Urls { get; set; }

    /// <summary>What kind of thing a manifest describes that is no image.</summary>
    public string? ArtifactType { get; set; }
    public Dictionary<string, string>? Annotations { get; set; }
    public Platform? Platform { get; set; }
}

/// <summary>What a manifest of an index runs on (image-index.md).</summary>
public sealed class Platform
{
    public string Architecture { get; set; } = "";
    public string Os { get; set; } = "";
    public string? Variant { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Os}/{Architecture}" + (string.IsNullOrEmpty(Variant) ? "" : "/" + Variant);
}

/// <summary>Keys of annotations that say how an image is called.</summary>
public static class AnnotationKeys
{
    public const string ReferenceName = "org.opencontainers.image.ref.name";
    public const string ContainerdName = "io.containerd.image.name";
    public const string DockerReferenceType = "vnd.docker.reference.type";
}
