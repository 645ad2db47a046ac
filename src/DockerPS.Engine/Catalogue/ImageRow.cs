using System.Text.Json.Serialization;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Catalogue;

/// <summary>A row of images.</summary>
internal sealed record ImageRow
{
    /// <summary>Digest of the config.</summary>
    public required string Id { get; init; }

    /// <summary>Digest of the manifest in the store.</summary>
    public required string Manifest { get; init; }

    /// <summary>Media type of the manifest.</summary>
    public string ManifestType { get; init; } = MediaTypes.Manifest;

    /// <summary>What registries call it by content: <c>repository@digest</c>, the newest first.</summary>
    public IReadOnlyList<string> RepositoryDigests { get; init; } = [];

    public required long ManifestSize { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Bytes of all layers, unpacked.</summary>
    public required long Size { get; init; }

    public required string Platform { get; init; }

    /// <summary>Lowest first.</summary>
    public required IReadOnlyList<ImageLayer> Layers { get; init; }

    public required ContainerImageConfiguration Config { get; init; }

    /// <summary>Hidden, and kept for the containers that use it.</summary>
    public bool Removed { get; init; }
}

/// <summary>A layer of an image.</summary>
/// <param name="DiffId">Digest of the uncompressed archive.</param>
/// <param name="ChainId">Names it with all below it: its unpacked directory.</param>
/// <param name="Blob">Digest of the archive as it is stored.</param>
/// <param name="Size">Bytes, unpacked.</param>
internal sealed record ImageLayer(string DiffId, string ChainId, string Blob, long Size);

/// <summary>An image under one of its names, or under none.</summary>
internal readonly record struct NamedImage(ImageRow Row, string? Reference)
{
    private const string None = "<none>";

    /// <param name="shared">Whether another image has the layer of a chain id; null does not look.</param>
    /// <param name="compressed">Length of a blob; null does not look.</param>
    /// <param name="mounts">Where it is mounted.</param>
    public ContainerImage ToImage(Func<string, bool>? shared = null, Func<string, long?>? compressed = null, IReadOnlyList<string>? mounts = null)
    {
        // One that lost its tag to a newer image of the repository is still of that repository, as docker shows it.
        string? called = Reference ?? Row.RepositoryDigests.FirstOrDefault();
        ImageReference? name = called is null ? null : ImageReference.Parse(called);
        return new ContainerImage
        {
            Id = Row.Id,
            Repository = name?.Repository ?? None,
            Tag = name?.Tag ?? None,
            Digest = name?.Digest?.ToString() ?? DigestIn(name?.Repository),
            Created = Row.Created,
            Size = Row.Size,
            Platform = Row.Platform,
            Layers = [.. Row.Layers.Select(layer => new ContainerImageLayer
            {
                DiffId = layer.DiffId, ChainId = layer.ChainId, Digest = layer.Blob, Size = layer.Size, CompressedSize = compressed?.Invoke(layer.Blob),
            })],
            SharedSize = shared is null ? null : Row.Layers.Where(layer => shared(layer.ChainId)).Sum(layer => layer.Size),
            Mounts = mounts ?? [],
            Config = Row.Config,
        };
    }

    /// <summary>What the repository calls it by content; the manifest's digest of one that was never in a registry.</summary>
    private string DigestIn(string? repository)
    {
        string? newest = Row.RepositoryDigests.FirstOrDefault(digest => digest.StartsWith(repository + "@", StringComparison.Ordinal));
        return newest is null ? Row.Manifest : newest[(newest.IndexOf('@', StringComparison.Ordinal) + 1)..];
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(IReadOnlyList<ImageLayer>))]
[JsonSerializable(typeof(ContainerImageConfiguration))]
internal sealed partial class ImageRowJson : JsonSerializerContext;
