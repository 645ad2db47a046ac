using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Store;

/// <summary>Where the image store keeps things. Only paths; nothing here touches the disk but <see cref="Create"/>.</summary>
internal sealed class StoreLayout(string root)
{
    /// <summary>The OCI image layout.</summary>
    public string Content { get; } = Path.Combine(root, "content");

    public string Index => Path.Combine(Content, "index.json");

    public string LayoutFile => Path.Combine(Content, "oci-layout");

    /// <summary>Held alone by whoever writes index.json.</summary>
    public string IndexLock => Path.Combine(Content, "lock");

    /// <summary>Held shared by whoever adds content, and alone by who removes what is not referenced.</summary>
    public string SessionLock => Path.Combine(Content, "sessions.lock");

    /// <summary>One directory for each running (or killed) session.</summary>
    public string Ingest => Path.Combine(Content, "ingest");

    /// <summary>Blobs that are not all there yet, under their digests; an interrupted pull goes on with them.</summary>
    public string Partial => Path.Combine(Content, "partial");

    /// <summary>What running and interrupted pulls want.</summary>
    public string Pulls => Path.Combine(Content, "pulls");

    /// <summary>One directory for each algorithm of digests.</summary>
    public string AllBlobs => Path.Combine(Content, "blobs");

    public string Blobs => Path.Combine(AllBlobs, "sha256");

    public string Layers { get; } = Path.Combine(root, "layers");

    /// <summary>Layers being unpacked or removed. Beside the finished ones, so that a rename moves them.</summary>
    public string LayersTemp => Path.Combine(Layers, ".tmp");

    /// <summary>Records of mounted images, and the directories where they are mounted when no other is given.</summary>
    public string Mounts { get; } = Path.Combine(root, "mounts");

    public string Blob(Digest digest) => Path.Combine(Content, "blobs", digest.Algorithm, digest.Hex);

    public string PartialBlob(Digest digest) => Path.Combine(Partial, $"{digest.Algorithm}-{digest.Hex}");

    /// <summary>Held alone by whoever writes a partial blob. Only the collector removes it, while nobody can hold it.</summary>
    public string PartialLock(Digest digest) => PartialBlob(digest) + ".lock";

    public string Layer(Digest chainId) => Path.Combine(Layers, chainId.Hex);

    /// <summary>The directory that overlay takes.</summary>
    public string LayerDirectory(string chainId) =>
        Path.Combine(Layers, chainId[(chainId.IndexOf(':', StringComparison.Ordinal) + 1)..], "diff");

    public void Create()
    {
        // Unpacked layers hold setuid programs of images: nobody but the owner may reach them (as /var/lib/docker).
        UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Layers);
        else Directory.CreateDirectory(Layers, owner);
        if (!Directory.Exists(LayersTemp))
        {
            Directory.CreateDirectory(LayersTemp);
            UnrelatedDirectories.Hint(LayersTemp);
        }

        Directory.CreateDirectory(Blobs);
        Directory.CreateDirectory(Ingest);
        Directory.CreateDirectory(Partial);
        Directory.CreateDirectory(Pulls);
    }
}
