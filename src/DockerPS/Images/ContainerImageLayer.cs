namespace DockerPS;

/// <summary>
/// A layer of an image. As text it is its diff id, and it compares and converts to that, so that scripts may take it for one.
/// </summary>
public sealed class ContainerImageLayer : IEquatable<ContainerImageLayer>
{
    /// <summary>Digest of the uncompressed archive.</summary>
    public required string DiffId { get; init; }

    /// <summary>Names the layer together with all below it; images with the same share the unpacked files.</summary>
    public string ChainId { get; init; } = "";

    /// <summary>Digest of the archive as it is stored or lies in a registry.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Bytes, unpacked.</summary>
    public long Size { get; init; }

    /// <summary>Bytes of the archive as it is stored; null when that was not looked at.</summary>
    public long? CompressedSize { get; init; }

    public static implicit operator string(ContainerImageLayer layer) => layer.DiffId;

    /// <summary>One of which only the diff id is known.</summary>
    public static implicit operator ContainerImageLayer(string diffId) => new() { DiffId = diffId };

    /// <inheritdoc/>
    public bool Equals(ContainerImageLayer? other) => other is not null && other.DiffId == DiffId;

    /// <summary>Also equal to its diff id as text.</summary>
    public override bool Equals(object? obj) =>
        obj is ContainerImageLayer other ? Equals(other) : obj is string text && string.Equals(text, DiffId, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(DiffId);

    /// <inheritdoc/>
    public override string ToString() => DiffId;
}
