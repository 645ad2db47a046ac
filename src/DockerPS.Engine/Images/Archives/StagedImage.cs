using DockerPS.Oci.Digests;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Archives;

/// <summary>An image as its archive describes it; no layer has been read yet.</summary>
/// <param name="Config">Bytes of the config; their digest is the image's id.</param>
/// <param name="Manifest">Bytes of its OCI manifest, or null when one has to be made.</param>
/// <param name="Layers">Lowest first.</param>
/// <param name="Names">What it shall be called; empty leaves it dangling.</param>
internal sealed record StagedImage(
    byte[] Config, byte[]? Manifest, IReadOnlyList<StagedLayer> Layers, IReadOnlyList<ImageReference> Names);

/// <summary>A layer of an image that is being imported.</summary>
/// <param name="Label">Name in the archive, for errors.</param>
/// <param name="File">Its bytes, or null when the archive leaves it out because the store should have it.</param>
/// <param name="Blob">Digest that the manifest gives it, or null when nothing says one.</param>
internal sealed record StagedLayer(string Label, ArchiveFile? File, Digest? Blob);
