using System.Text.Json.Serialization;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Catalogue;

/// <summary>A row of images.</summary>
internal sealed record ImageRow
{
    /// <summary>Digest of the config.</summary>
    public required string Id { get; init; }

    /// <summary>Digest of the manifest in the store.</summary>
    public required string Manifest { get; init; }

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

    public ContainerImage ToImage()
    {
        ImageReference? name = Reference is null ? null : ImageReference.Parse(Reference);
        return new ContainerImage
        {
            Id = Row.Id,
            Repository = name?.Repository ?? None,
            Tag = name?.Tag ?? None,
            Digest = Row.Manifest,
            Created = Row.Created,
            Size = Row.Size,
            Platform = Row.Platform,
            Layers = [.. Row.Layers.Select(layer => layer.DiffId)],
            Config = Row.Config,
        };
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(IReadOnlyList<ImageLayer>))]
[JsonSerializable(typeof(ContainerImageConfiguration))]
internal sealed partial class ImageRowJson : JsonSerializerContext;
