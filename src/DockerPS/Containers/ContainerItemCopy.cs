namespace DockerPS;

/// <summary>What <c>Copy-ContainerItem</c> copied.</summary>
public sealed record ContainerItemCopy
{
    /// <summary>As <c>CONTAINER:PATH</c>, or a path of the host.</summary>
    public required string Source { get; init; }

    public required string Destination { get; init; }

    /// <summary>Files, directories and links.</summary>
    public required long Files { get; init; }

    /// <summary>Bytes of the files.</summary>
    public required long Size { get; init; }
}
