namespace DockerPS.Oci.ImageSpec;

/// <summary>Config and layers of one image for one platform (OCI image-spec, manifest.md; Docker's schema 2 has the same form).</summary>
public sealed class ImageManifest
{
    public int SchemaVersion { get; set; } = 2;
    public string? MediaType { get; set; }
    /// <summary>What it is when it is no image.</summary>
    public string? ArtifactType { get; set; }

    public Descriptor? Config { get; set; }
    public List<Descriptor>? Layers { get; set; }
    public Dictionary<string, string>? Annotations { get; set; }
}

/// <summary>Manifests of several platforms or several images (OCI image-spec, image-index.md; index.json of a layout).</summary>
public sealed class ImageIndex
{
    public int SchemaVersion { get; set; } = 2;
    public string? MediaType { get; set; }
    public List<Descriptor>? Manifests { get; set; }
    public Dictionary<string, string>? Annotations { get; set; }
}

/// <summary>The file oci-layout.</summary>
public sealed class ImageLayout
{
    public string ImageLayoutVersion { get; set; } = "1.0.0";
}
