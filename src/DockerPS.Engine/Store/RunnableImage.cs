namespace DockerPS.Engine.Store;

/// <summary>What containers need of an image: its identity, config and unpacked layers. The store guarantees that the layers exist until
/// the image is removed; an image that a container's row names is not removed without force.</summary>
/// <param name="Image">The image under the name that was asked for.</param>
/// <param name="LayerDirectories">Absolute <c>…/layers/CHAIN/diff</c>, topmost first.</param>
internal sealed record RunnableImage(ContainerImage Image, IReadOnlyList<string> LayerDirectories);
