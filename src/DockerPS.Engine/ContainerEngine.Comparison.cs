using DockerPS.Engine.Images.Comparison;
using DockerPS.Engine.Store;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>In what an image differs from another.</summary>
    /// <param name="reference">The image that is referred to.</param>
    /// <param name="difference">The other.</param>
    /// <param name="types">What is compared; empty is everything.</param>
    /// <param name="found">Called with some at a time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many differences there are.</returns>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    public async Task<int> CompareImagesAsync(
        string reference, string difference, IReadOnlyCollection<ContainerImageDifferenceType> types,
        Action<IReadOnlyList<ContainerImageDifference>> found, CancellationToken cancellationToken)
    {
        NeedRoot();
        using StoreSession session = Images.OpenSession();
        NamedImageLayers before = Images.LayersOf(reference), after = Images.LayersOf(difference);
        return await new ImageComparer(Images, session, found)
            .RunAsync(before, after, types.Count == 0 ? Enum.GetValues<ContainerImageDifferenceType>() : types, cancellationToken).ConfigureAwait(false);
    }
}
